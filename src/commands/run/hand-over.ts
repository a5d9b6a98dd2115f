import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writePrivateFile, type PrivateFile } from '../../io/private/private-file.ts';
import type { ScannedCopy } from '../../judge/request.ts';
import { createScopeJudge } from '../../judge/scope.ts';
import { inTime } from '../../judge/time.ts';
import {
  KeydriftError,
  type GateDecision,
  type HandOver,
  type RawRecord,
  type Table,
} from '../../model/index.ts';
import { writeCanonical } from './canonical.ts';
import { placeholdersOf, type HandedArtifact } from './child-command.ts';
import type { RunOptions, Course } from './context.ts';
import type { JudgedCopy } from './judge-run.ts';
import type { Preparation } from './prepare.ts';
import type { SpooledCopy } from './spool.ts';
import type { Staged } from './stage.ts';

/**
 * The file that the command gets: the judged one itself, or one of its chosen rows, byte for byte
 * and in their order. Throws `PRIVATE_FILE_FAILED`.
 */
async function handOver(
  judged: JudgedCopy,
  { outcome }: GateDecision,
  { use, as, extent }: RunOptions,
  directory: string,
): Promise<HandOver> {
  const { spooled, scanned, report, scope } = judged;
  if (spooled === null) throw new KeydriftError('INTERNAL', 'nothing was spooled');
  const redundant = use === 'deduplicated' ? (report.runtime?.redundant ?? 0) : 0;
  const narrowed = scope !== null && extent === 'scope';
  // What is only observed is handed over as it was read: nobody vouches for its rows.
  const asStored = as === 'stored' && redundant === 0 && !narrowed;
  if (outcome !== 'run' || asStored || scanned === null) {
    return { ...spooled.file, dropped: 0, url: null, urlVersion: null };
  }
  const judge = createScopeJudge(scanned.plan, scope);
  const repeats = redundant > 0 ? judged.redundant : new Uint32Array();
  let dropped = 0;
  const keep = (record: RawRecord): boolean => {
    // Records come in order, and so do the numbers.
    if (repeats[dropped] === record.record) {
      dropped += 1;
      return false;
    }
    return !narrowed || judge(record).inScope;
  };
  const written =
    as === 'stored'
      ? await writeChosen(spooled, scanned.table, keep, directory)
      : await writeAnew(judged, scanned, keep, directory);
  if (dropped !== redundant) {
    throw new KeydriftError('INTERNAL', `${dropped} rows were dropped, ${redundant} are redundant`);
  }
  return { ...written, dropped, url: null, urlVersion: null };
}

/** Writes the chosen rows of a copy as canonical CSV. */
async function writeAnew(
  { chosen, columns, spooled }: JudgedCopy,
  scanned: ScannedCopy,
  keep: (record: RawRecord) => boolean,
  directory: string,
): Promise<PrivateFile> {
  const path = join(directory, `${chosen.artifact.name}.csv`);
  const written = await writeCanonical(path, scanned, columns, keep);
  if (spooled !== null) await rm(spooled.file.path, { force: true, recursive: true });
  return written;
}

/** Writes the chosen rows of a spooled copy under its name into another directory. */
async function writeChosen(
  { file }: SpooledCopy,
  table: Table,
  keep: (record: RawRecord) => boolean,
  directory: string,
): Promise<PrivateFile> {
  if (table.subset === undefined) {
    throw new KeydriftError(
      'NOT_SUPPORTED',
      'rows of this copy cannot be left out of it as it is stored',
      {
        hint: 'Hand them over as CSV: --as canonical',
      },
    );
  }
  const bytes = await table.subset(keep);
  const name = file.path.slice(file.path.lastIndexOf('/') + 1);
  const written = await writePrivateFile(join(directory, name), bytes);
  // The command is to find one file, and the disk to hold one.
  await rm(file.path, { force: true });
  return written;
}

/** An artifact with the decision that let it through. */
export interface Handed {
  readonly decision: GateDecision;
  /** Null, under `--observe`: nothing could be read. */
  readonly file: HandedArtifact | null;
  /** The staged object, or null. */
  readonly staged: Staged | null;
}

/** Every artifact's file, and the same bytes where they are staged. All of them, or it throws. */
export async function handAllOver(
  judged: readonly JudgedCopy[],
  decisions: readonly GateDecision[],
  { options, clock }: Course,
  { folders, stage }: Preparation,
): Promise<readonly Handed[]> {
  const handed: Handed[] = [];
  for (const [index, one] of judged.entries()) {
    const { name } = one.chosen.artifact;
    const decision = decisions[index]!;
    if (one.spooled === null) {
      handed.push({ decision, file: null, staged: null });
      continue;
    }
    const give = async (): Promise<Handed> => {
      const file = await handOver(one, decision, options, folders.chosen);
      const staged = (await stage?.put(name, file)) ?? null;
      const version = staged?.revision.facts.versionId ?? null;
      const urlVersion = version === 'null' ? null : version;
      const given = { ...file, url: staged?.url ?? null, urlVersion };
      return {
        decision: { ...decision, handOver: given },
        file: { name, revision: decision.revision ?? '', handOver: given },
        staged,
      };
    };
    handed.push(await inTime(give, clock.signal));
  }
  return handed;
}

/** Artifacts that the command asks for and that could not be read. */
export function missingFiles(
  { command }: RunOptions,
  judged: readonly JudgedCopy[],
): readonly string[] {
  const unread = judged.flatMap(({ spooled, chosen }) =>
    spooled === null ? [chosen.artifact.name] : [],
  );
  return placeholdersOf(command ?? [], unread);
}
