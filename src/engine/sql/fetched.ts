import {
  byCodeUnits,
  KeydriftError,
  type LakeRow,
  type RawRecord,
  type ScanPlan,
  type Side,
} from '../../model/index.ts';
import { createRowJudge, type CompileSteps, type JudgedRow } from '../row.ts';
import { withRow, type SideFact } from './facts.ts';
import { md5, sha256, tupleText } from './hash.ts';
import { status, type RowsSql } from './rows.ts';

/** Rows of a side that are alike in every planned column, as keydrift judges them. */
export interface FetchedRow {
  /** Text as it stands, by place in `RowsSql.raw`. */
  readonly cells: readonly (string | null)[];
  readonly rows: number;
  /** Whether the engine judged it: what it left to keydrift stands in none of its counts. */
  readonly byEngine: boolean;
  readonly judged: JudgedRow;
  /** Salted hashes; empty where it is invalid. */
  readonly keyHash: string;
  readonly variantHash: string;
  /** What it is sorted by: keys by their hash without salt (SPEC §2, "Bounded"). */
  readonly rank: string;
}

/** So many rows that differ come back at most: what is more is no drift to look at. */
const mostFetched = 4_000_000;

/** What answers hold of a side, judged. */
export interface Fetched {
  readonly side: Side;
  readonly rows: FetchedRow[];
  /** Keys that the engine judged, by their hash. */
  readonly facts: Map<string, SideFact>;
  /** Takes `[status, count, …raw]`. */
  take(answer: LakeRow): void;
}

export function createFetched(
  side: Side,
  plan: ScanPlan,
  sql: Pick<RowsSql, 'own' | 'placeOf'>,
  { compile, salt }: { readonly compile: CompileSteps; readonly salt: string },
): Fetched {
  const rows: FetchedRow[] = [];
  const facts = new Map<string, SideFact>();
  let current: FetchedRow['cells'] = [];
  const judge = createRowJudge(plan, compile);
  const record = recordOf(plan, (index) => current[sql.placeOf.get(index) ?? -1] ?? null, side);
  const seen = new Set<string>();
  return {
    side,
    rows,
    facts,
    take([state = '', count = '0', ...texts]) {
      const cells = sql.own.map((own, at) => {
        const text = texts[at] ?? null;
        return own === null || text === null ? text : own(text);
      });
      current = cells;
      const judged = judge(record);
      const byEngine = state !== status.residual;
      if (byEngine && judged.valid !== (state === status.judged)) throw otherwise(side);
      const key = judged.valid ? tupleText(judged.key) : '';
      const keyHash = judged.valid ? md5(salt + key) : '';
      const variantHash = judged.valid ? md5(salt + key + tupleText(judged.consumed)) : '';
      const number = Number(count);
      const told = rawText(cells);
      // A row that is asked for twice counts once.
      const id = `${state}${told}`;
      if (seen.has(id)) return;
      seen.add(id);
      if (rows.length >= mostFetched) throw tooMany(side);
      rows.push({
        cells,
        rows: number,
        byEngine,
        judged,
        keyHash,
        variantHash,
        rank: sha256(judged.valid ? key : told),
      });
      if (byEngine && judged.valid) {
        facts.set(keyHash, withRow(facts.get(keyHash) ?? null, variantHash, number));
      }
    },
  };
}

function recordOf(plan: ScanPlan, cell: (index: number) => string | null, side: Side): RawRecord {
  const text = (index: number): string => cell(index) ?? '';
  return {
    record: 0,
    place: { line: 0, text: '' },
    width: plan.width,
    text(index) {
      const value = text(index);
      if (!value.includes('\0')) return value;
      throw new KeydriftError(
        'NUL_BYTE',
        `the ${side} table holds a NUL in a column that decides`,
        {
          place: { side },
        },
      );
    },
    shown: text,
    isNull: (index) => cell(index) === null,
  };
}

/** Cells as they stand, as one text. */
function rawText(cells: FetchedRow['cells']): string {
  return JSON.stringify(cells);
}

/** Sorts rows as every run has them: by rank, then by their text. */
export function sortFetched(rows: readonly FetchedRow[]): readonly FetchedRow[] {
  const keyed = rows.map((row) => ({ row, by: `${row.rank}${rawText(row.cells)}` }));
  keyed.sort((a, b) => byCodeUnits(a.by, b.by));
  return keyed.map(({ row }) => row);
}

function tooMany(side: Side): KeydriftError {
  return new KeydriftError(
    'TOO_LARGE',
    `more than ${mostFetched} unlike rows of the ${side} table are drift`,
    {
      place: { side },
      hint: 'List fewer findings (--max-findings 1000), or judge a part of it (--scope).',
    },
  );
}

/** Where the engine and keydrift do not take a value alike, nothing is established. */
export function otherwise(side: Side): KeydriftError {
  return new KeydriftError(
    'INTERNAL',
    `the engine of the ${side} table took a value otherwise than keydrift does`,
    {
      place: { side },
      hint: 'This is a defect of keydrift: report it with the engine, its version and the contract.',
    },
  );
}
