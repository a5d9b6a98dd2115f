import { hash } from 'node:crypto';
import type { RawRecord, ScanPlan, Table } from '../../model/index.ts';
import { toHex } from '../digest.ts';
import { createRowTable, type ReferenceTable } from '../reference/table.ts';
import { createRowJudge, type CompileSteps } from '../row.ts';
import { plannedIndexes } from '../plan.ts';
import { withRow, type SideFact } from './facts.ts';
import { tupleText } from './hash.ts';

/** A copy that keydrift reads itself, hashed as engines hash theirs. */
export interface FileDigest {
  readonly table: ReferenceTable;
  /** The first row of every key, ascending. */
  firsts(): Iterable<number>;
  /** The first digits of a key's hash, at most eight. */
  prefix(row: number, digits: number): string;
  /** Sixteen digits: what names a key in answers. */
  name(row: number): string;
  fact(first: number): SideFact;
  /** Rows of a key from its first one on. */
  rowsOf(first: number): readonly number[];
  /** The words of a row's variant hash, of 48, 48 and 32 bits. */
  words(row: number): readonly [number, number, number];
}

/** Reads every record that counts, once. */
export async function digestFile(
  source: Table,
  plan: ScanPlan,
  how: {
    readonly compile: CompileSteps;
    readonly salt: string;
    readonly keep: ((record: RawRecord) => boolean) | null;
  },
): Promise<FileDigest> {
  const table = createRowTable();
  const judge = createRowJudge(plan, how.compile);
  const [key, variant] = [new Uint32Array(4), new Uint32Array(4)];
  await source.read((record) => {
    if (how.keep?.(record) === false) return;
    const row = judge(record);
    if (!row.valid) {
      table.addInvalid(record.record);
      return;
    }
    const text = how.salt + tupleText(row.key);
    hashInto(text, key);
    hashInto(text + tupleText(row.consumed), variant);
    table.addValid(record.record, key, variant);
  }, plannedIndexes(plan));
  return describe(table);
}

function hashInto(text: string, words: Uint32Array): void {
  const digest = hash('md5', text, 'buffer');
  for (let word = 0; word < 4; word += 1) words[word] = digest.readUInt32BE(4 * word);
}

function describe(table: ReferenceTable): FileDigest {
  const hashes = new Uint32Array(8);
  const load = (row: number): Uint32Array => {
    table.copyHashes(row, hashes, 0);
    return hashes;
  };
  const digest: FileDigest = {
    table,
    *firsts() {
      for (let row = 0; row < table.rows; row += 1) {
        if (table.isValid(row) && table.isFirst(row)) yield row;
      }
    },
    prefix: (row, digits) => toHex(load(row)[0]!).slice(0, digits),
    name(row) {
      const words = load(row);
      return toHex(words[0]!) + toHex(words[1]!);
    },
    fact(first) {
      let fact: SideFact | null = null;
      for (const row of digest.rowsOf(first)) {
        const variant = Array.from(load(row).subarray(4), toHex).join('');
        fact = withRow(fact, variant, 1);
      }
      return fact!;
    },
    rowsOf(first) {
      const rows: number[] = [];
      for (let row = first; row >= 0; row = table.nextOf(row)) rows.push(row);
      return rows.sort((a, b) => a - b);
    },
    words(row) {
      const words = load(row);
      return [
        words[4]! * 0x10000 + (words[5]! >>> 16),
        (words[5]! & 0xffff) * 0x1_0000_0000 + words[6]!,
        words[7]!,
      ];
    },
  };
  return digest;
}
