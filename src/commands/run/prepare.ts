import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { environmentName } from '../../contract/names.ts';
import { makePrivateDirectory, type PrivateDirectory } from '../../io/private/private-directory.ts';
import { privateFileError } from '../../io/private/private-file.ts';
import { removeStale } from '../../io/private/stale.ts';
import { judgedBy } from '../../judge/against.ts';
import { chooseOneEach } from '../../judge/choose.ts';
import { mapConcurrently } from '../../judge/concurrency.ts';
import type { Sources } from '../../judge/context.ts';
import { resolveScope } from '../../judge/scope.ts';
import { openSources } from '../../judge/sources.ts';
import { closeSoon } from '../../judge/time.ts';
import { nearestNames, type Contract } from '../../model/index.ts';
import type { RunContext, RunOptions } from './context.ts';
import { judgeForRun, type JudgedCopy } from './judge-run.ts';
import { openStage, type Stage } from './stage.ts';

/** Copies judged at once. */
const mostAtOnce = 4;

/** A run that knows what to judge and where to put it. */
export interface Preparation {
  readonly sources: Sources;
  readonly stage: Stage | null;
  readonly directory: PrivateDirectory;
  /** Of files as they were judged, and of those with chosen rows. */
  readonly folders: { readonly judged: string; readonly chosen: string };
  /** All artifacts of the contract. */
  readonly known: readonly string[];
  judge(): Promise<readonly JudgedCopy[]>;
}

/**
 * Reads the contract, looks what is asked for, and makes the private directory. Throws errors of
 * usage and configuration before anything is read. What is opened is closed by `atEnd`.
 */
export async function prepare(
  context: RunContext,
  options: RunOptions,
  stop: AbortSignal,
  atEnd: (closer: () => unknown) => unknown,
): Promise<Preparation> {
  const sources = openSources(context, options);
  atEnd(() => closeSoon(sources));
  const { contract, warnings } = await judgedBy(context, options, sources);
  const chosen = chooseOneEach(contract, options, context).map((one) => ({
    one,
    scope: resolveScope(one.artifact, options.scope),
  }));
  tellUnknown(context, options, contract);
  const stage =
    options.stage === null ? null : openStage(context, options.stage, options.access, sources);
  await removeStale(context.temporaryDirectory, context.now());
  const directory = await makePrivateDirectory(context.temporaryDirectory);
  context.atExit(() => directory.remove());
  atEnd(() => directory.remove());
  const folders = {
    judged: await makeFolder(directory, 'judged'),
    chosen: await makeFolder(directory, 'chosen'),
  };
  const room = { taken: new Map<string, number>(), coming: new Set<string>() };
  const from = { room, sources, directory: folders.judged, now: context.now(), warnings, stop };
  return {
    sources,
    stage,
    directory,
    folders,
    known: contract.artifacts.map(({ name }) => name),
    judge: () =>
      mapConcurrently(chosen, mostAtOnce, ({ one, scope }) =>
        judgeForRun(one, scope, options, from),
      ),
  };
}

/** An override of no artifact of the contract lets nothing run: somebody misspelled it, in a hurry. */
function tellUnknown(context: RunContext, { overrides }: RunOptions, contract: Contract): void {
  const known = contract.artifacts.map(({ name }) => environmentName(name));
  for (const name of overrides.keys()) {
    if (known.includes(name)) continue;
    const [meant] = nearestNames(name, known);
    const near = meant === undefined ? '' : `; is KEYDRIFT_OVERRIDE_${meant} meant?`;
    const message = `KEYDRIFT_OVERRIDE_${name} names no artifact of the contract, and overrides nothing${near}`;
    context.tell({ kind: 'warning', code: 'UNKNOWN_VARIABLE', message });
  }
}

async function makeFolder({ path }: PrivateDirectory, name: string): Promise<string> {
  const folder = join(path, name);
  await mkdir(folder, { mode: 0o700 }).catch((cause: unknown) => {
    throw privateFileError(folder, cause);
  });
  return folder;
}
