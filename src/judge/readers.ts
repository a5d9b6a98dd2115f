import { findAmbiguities, shownReaders, type AmbiguousRows } from '../compare/index.ts';
import { createRowJudge } from '../engine/index.ts';
import {
  allReaders,
  type Ambiguity,
  type NamedReader,
  type ReaderEffects,
  type ReportedRow,
  type SaidReaders,
  type Warning,
} from '../model/index.ts';
import { compileSteps } from '../normalize/index.ts';
import type { ConfirmOptions } from './confirm.ts';
import type { ScannedCopy } from './scan.ts';
import { createScopeJudge } from './scope.ts';

/**
 * What readers of a runtime copy take otherwise than this page, and not just so in the reviewed copy
 * (SPEC §2, "Ambiguous"). Of copies with equal bytes that are read alike it is nothing. Only while
 * the keysets of both are held.
 */
export async function ambiguitiesOf(
  reviewed: ScannedCopy | null,
  runtime: ScannedCopy,
  said: SaidReaders | undefined,
): Promise<readonly Ambiguity[]> {
  if (reviewed !== null && isReadAlike(reviewed, runtime)) return [];
  const readers = said?.readers ?? allReaders;
  const effects = await effectsOn(runtime, readers, said?.form);
  if (effects === null || effects.hazards.length === 0) return [];
  return findAmbiguities(reviewed === null ? null : await effectsOn(reviewed, readers), effects);
}

function isReadAlike(one: ScannedCopy, other: ScannedCopy): boolean {
  return one.sha256 === other.sha256 && howRead(one) === howRead(other);
}

function howRead({ request: { written, decoding, rename } }: ScannedCopy): string {
  return JSON.stringify([written, decoding, [...rename]]);
}

/** What readers make of one copy; null: all read its format alike. */
async function effectsOn(
  { table, plan, scope }: ScannedCopy,
  readers: readonly NamedReader[],
  form: SaidReaders['form'] = 'stored',
): Promise<ReaderEffects | null> {
  if (table.effects === undefined) return null;
  const judge = scope === null ? null : createScopeJudge(plan, scope);
  const read = createRowJudge(plan, compileSteps);
  const planned = [...plan.key, ...plan.consumed];
  return table.effects({
    readers,
    form,
    needed: planned.map(({ name, index }) => ({
      name,
      index,
      nameInFile: table.columns[index] ?? name,
    })),
    say(record) {
      if (judge !== null && !judge(record).inScope) return null;
      const row = read(record);
      // What is no unit to this page, a reader may still take for one: as it stands.
      const values = planned.map(({ index }) => record.shown(index));
      return JSON.stringify(row.valid ? [row.key, row.consumed] : values);
    },
  });
}

/** Whether hazards are told of a copy whose readers the contract does not name. */
export type UnsaidReaders = 'told of' | 'left alone';

/** What readers make of a runtime copy: for findings where they are named, else for a warning. */
export async function askReaders(
  reviewed: ScannedCopy | null,
  runtime: ScannedCopy,
  said: SaidReaders | undefined,
  unsaid: UnsaidReaders,
): Promise<{
  readonly options: Pick<ConfirmOptions, 'ambiguous'>;
  readonly warnings: readonly Warning[];
}> {
  if (said === undefined && unsaid === 'left alone') return { options: {}, warnings: [] };
  const ambiguities = await ambiguitiesOf(reviewed, runtime, said);
  if (said === undefined) return { options: {}, warnings: readerUnknown(ambiguities) };
  // What is only spelling is gone where the copy is written anew.
  const sameColumns = reviewed !== null && columnNames(reviewed) === columnNames(runtime);
  const isGone = ({ hazard, inSpelling }: Ambiguity): boolean =>
    said.form === 'canonical' &&
    inSpelling === true &&
    // Where columns are missing, or there are others, no order of them brings each to its place.
    (hazard !== 'COLUMN_PLACES' || sameColumns);
  const left = ambiguities.filter((one) => !isGone(one));
  const hazards = await ambiguousRows(runtime, left);
  const warnings = ambiguities.filter(isGone).map(({ hazard, words, readers }) => {
    const message = `${words} (${shownReaders(readers)}): written anew as canonical CSV`;
    return { code: hazard, message, side: 'runtime', line: null } as const;
  });
  return { options: { ambiguous: { hazards, named: said.named } }, warnings };
}

/** The columns of a copy by the contract's names, whatever their order. */
function columnNames({ table, request: { rename } }: ScannedCopy): string {
  const inContract = new Map([...rename].map(([name, inFile]) => [inFile, name]));
  return JSON.stringify(table.columns.map((name) => inContract.get(name) ?? name).sort());
}

/** Ambiguities with the first records of each, as findings tell them. */
async function ambiguousRows(
  { table, plan }: ScannedCopy,
  ambiguities: readonly Ambiguity[],
): Promise<readonly AmbiguousRows[]> {
  const rows = new Map<number, ReportedRow>();
  const wanted = [...new Set(ambiguities.flatMap(({ shown }) => shown))].sort((a, b) => a - b);
  const columns = [...plan.key, ...plan.consumed];
  await table.reread(Uint32Array.from(wanted), (record) => {
    const { place } = record;
    const values = columns.map(({ name, index }) => [name, record.shown(index)] as const);
    const row = { side: 'runtime', record: record.record, line: place.line, values } as const;
    rows.set(record.record, place.line > 0 ? row : { ...row, place: place.text });
  });
  return ambiguities.map((ambiguity) => ({
    ambiguity,
    rows: ambiguity.shown.map((record) => rows.get(record)!),
  }));
}

/** The one warning of a copy whose readers nobody names: how many hazards, and for which readers. */
function readerUnknown(ambiguities: readonly Ambiguity[]): readonly Warning[] {
  if (ambiguities.length === 0) return [];
  const count = ambiguities.length === 1 ? '1 hazard' : `${ambiguities.length} hazards`;
  const told = ambiguities.map(({ hazard, readers }) => `${hazard} for ${shownReaders(readers)}`);
  const message = `${count} for readers that the contract does not name (\`reader:\`): ${told.join('; ')}`;
  return [{ code: 'READER_UNKNOWN', message, side: 'runtime', line: null }];
}

/** A copy's own hazards, one warning each: what `lint` tells. */
export async function hazardWarnings(
  scanned: ScannedCopy,
  said: SaidReaders | undefined,
): Promise<readonly Warning[]> {
  const { table, request } = scanned;
  const { side } = request;
  return (await ambiguitiesOf(null, scanned, said)).map(
    ({ hazard, words, readers, shown: [first] }) => ({
      code: hazard,
      message: `${words} (${shownReaders(readers)})`,
      side,
      line: first === undefined ? null : table.place(first).line,
    }),
  );
}
