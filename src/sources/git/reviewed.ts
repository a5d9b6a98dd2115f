import {
  KeydriftError,
  toKeydriftError,
  type ReviewedChange,
  type ReviewedHistory,
} from '../../model/index.ts';
import type { Run } from './blob.ts';
import { arrivalsOf } from './chain.ts';
import { pinHeld, timeOf } from './copies.ts';
import { changesOfFiles } from './lineage.ts';
import { newestFirst } from './order.ts';
import type { OpenRepository } from './repository.ts';

/** A file in the history of a commit. */
export interface TrackedFile {
  readonly opened: OpenRepository;
  /** From the repository's root, at the tip. */
  readonly path: string;
  /** What its location says besides: ` in ../calendar-repo`. */
  readonly suffix: string;
  /** Id of the commit. */
  readonly tip: string;
}

/**
 * The histories of some files, in their order; an error stands for a file without one. Files of
 * one commit are read together: how many processes that takes does not grow with them or with
 * their histories, but for renames.
 */
export function reviewedHistories(
  asked: readonly (TrackedFile | KeydriftError)[],
  now: Date,
  run: Run,
): Promise<readonly (ReviewedHistory | KeydriftError)[]> {
  return answerTogether(asked, (files) => readTogether(files, now, run));
}

/**
 * What is told of each of some files, in their order: files of one commit are asked about together. An
 * error stands for a file that has one, and for all that were asked about in vain.
 */
export async function answerTogether<F extends TrackedFile, T>(
  asked: readonly (F | KeydriftError)[],
  ask: (files: readonly F[]) => Promise<readonly T[]>,
): Promise<readonly (T | KeydriftError)[]> {
  const groups = new Map<string, F[]>();
  for (const file of asked) {
    if (file instanceof KeydriftError) continue;
    const id = `${file.tip} ${file.opened.repository.gitDirectory}`;
    const group = groups.get(id);
    if (group === undefined) groups.set(id, [file]);
    else group.push(file);
  }
  const answers = new Map<F, T | KeydriftError>();
  await Promise.all(
    [...groups.values()].map(async (files) => {
      const told = await ask(files).catch(toKeydriftError);
      for (const [at, file] of files.entries()) {
        answers.set(file, told instanceof KeydriftError ? told : told[at]!);
      }
    }),
  );
  return asked.map((file) => (file instanceof KeydriftError ? file : answers.get(file)!));
}

/** The histories of files of one commit. */
async function readTogether(
  files: readonly TrackedFile[],
  now: Date,
  run: Run,
): Promise<readonly ReviewedHistory[]> {
  const { opened, tip } = files[0]!;
  const { repository } = opened;
  const arriving = arrivalsOf(opened, tip, { since: new Date(0), now });
  const placing = arriving.then((chain) => new Map(chain.map(({ id }, at) => [id, at])));
  const paths = files.map(({ path }) => path);
  let lost: string | null = null;
  const finding = changesOfFiles(opened, [tip], paths, placing, (error) => {
    lost = error.message;
  });
  // The two walks run side by side; where both fail, the chain says why.
  const found = await finding.catch(async (thrown: unknown) => {
    await arriving;
    throw thrown;
  });
  const [chain, positions] = await Promise.all([arriving, placing]);
  const ordered = await newestFirst(repository, tip, found);
  const pin = await pinHeld(opened, ordered.flat(), run);
  return ordered.map((changes, index) => ({
    reach: repository.shallow ? 'shallow' : 'complete',
    lost,
    changes: changes.map((change): ReviewedChange => {
      const { commit, path, place } = change;
      const arrival = place === 'in-force' ? chain[positions.get(commit.id) ?? -1] : undefined;
      return {
        commit: commit.id,
        author: commit.author,
        subject: commit.subject,
        committedAt: timeOf(commit.committedAt),
        path,
        copy: pin(change, files[index]?.suffix ?? ''),
        arrivedAt: arrival === undefined ? null : timeOf(arrival.at),
      };
    }),
  }));
}
