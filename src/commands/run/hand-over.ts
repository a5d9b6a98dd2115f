import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  KeydriftError,
  type GateDecision,
  type HandOver,
  type RawRecord,
  type Table,
} from '../../model/index.ts';
import { writeCanonical } from './canonical.ts';
import { createScopeJudge } from '../../judge/scope.ts';
import type { JudgedCopy } from './judge-run.ts';
import type { RunOptions } from './options.ts';
import { writePrivateFile, type PrivateFile } from '../../io/private/private-file.ts';
import type { SpooledCopy } from './spool.ts';
import type { ScannedCopy } from '../../judge/request.ts';

/**
 * The file that the command gets: the judged one itself, or one of its chosen rows, byte for byte
 * and in their order. Throws `PRIVATE_FILE_FAILED`.
 */
export async function handOver(
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
