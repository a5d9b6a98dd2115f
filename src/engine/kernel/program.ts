import { perObject, type PlannedColumn, type ScanPlan } from '../../model/index.ts';
import { orderByName } from '../digest.ts';
import { looseStep } from '../loose.ts';
import type { Kernel } from './kernel.ts';

/** A plan's columns in the order in which the kernel packs them: the key's, then by name. */
export const packedColumns: (plan: ScanPlan) => readonly PlannedColumn[] = perObject(
  ({ key, consumed }: ScanPlan) => [
    ...key,
    ...orderByName(consumed).map((index) => consumed[index]!),
  ],
);

/** One operation: its code, and a number or the tokens that stand behind an address. */
interface Operation {
  readonly code: number;
  readonly parameter: number | readonly string[];
}

/** Steps that the kernel runs on ASCII values; any other it leaves to the host, cell by cell. */
const codes: Readonly<Record<string, number>> = {
  trim: 1,
  'collapse-spaces': 2,
  lowercase: 3,
  uppercase: 4,
  integer: 5,
  decimal: 6,
  empty: 7,
  [looseStep]: 9,
};
const host = 8;

/** ASCII text is in every normal form. */
const idleStep = 'nfc';

/** A column's steps as the kernel runs them on ASCII values (wasm/steps.ts); null: none. */
function compileProgram({ steps }: PlannedColumn): readonly Operation[] | null {
  if (steps.length === 0) return null;
  const active = steps.filter(({ step }) => step !== idleStep);
  if (active.some(({ step }) => codes[step] === undefined)) return [{ code: host, parameter: 0 }];
  return active.map(({ step, parameter }) => ({
    code: codes[step]!,
    parameter: typeof parameter === 'string' ? [parameter] : (parameter ?? 0),
  }));
}

/** Tokens as the kernel holds them: their number, then each as length and bytes, padded to four. */
function encodeTokens(tokens: readonly string[]): Uint8Array {
  const parts: Buffer[] = [wordOf(tokens.length)];
  for (const token of tokens) {
    const bytes = Buffer.from(token);
    parts.push(wordOf(bytes.length), bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4));
  }
  return Buffer.concat(parts);
}

function wordOf(value: number): Buffer {
  const word = Buffer.alloc(4);
  word.writeUInt32LE(value);
  return word;
}

/** Of a column, as the kernel has them (wasm/scan.ts). */
const flags = { mayBeEmpty: 1, nullIsDistinct: 2 } as const;

/** Columns as four words each: place in a record, flags, program, nothing. */
export function writeColumns(kernel: Kernel, plan: ScanPlan): void {
  const { exports } = kernel;
  const columns = packedColumns(plan);
  const at = exports.setColumns(columns.length, plan.key.length);
  columns.forEach((column, place) => {
    const program = writeProgram(kernel, column);
    const mayBeEmpty = column.role === 'consumed' || column.optional ? flags.mayBeEmpty : 0;
    const isDistinct = column.role === 'consumed' && plan.nulls === 'distinct';
    const word = mayBeEmpty | (isDistinct ? flags.nullIsDistinct : 0);
    kernel.words().set([column.index, word, program], (at >> 2) + 4 * place);
  });
}

/** Address of a column's program, 0 where it has none. */
function writeProgram(kernel: Kernel, column: PlannedColumn): number {
  const operations = compileProgram(column);
  if (operations === null) return 0;
  const { exports } = kernel;
  const at = exports.allocate(8 * (operations.length + 1));
  operations.forEach(({ code, parameter }, index) => {
    const value = typeof parameter === 'number' ? parameter : writeTokens(kernel, parameter);
    kernel.words().set([code, value], (at >> 2) + 2 * index);
  });
  kernel.words().set([0, 0], (at >> 2) + 2 * operations.length);
  return at;
}

function writeTokens(kernel: Kernel, tokens: readonly string[]): number {
  const bytes = encodeTokens(tokens);
  const at = kernel.exports.allocate(bytes.length);
  kernel.bytes().set(bytes, at);
  return at;
}
