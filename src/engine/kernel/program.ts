import type { PlannedColumn, ScanPlan } from '../../model/index.ts';
import { nativeSteps } from './takes-plan.ts';
import { orderByName } from '../digest.ts';

/** A plan's columns in the order in which the kernel packs them: the key's, then by name. */
export function packedColumns({ key, consumed }: ScanPlan): readonly PlannedColumn[] {
  return [...key, ...orderByName(consumed).map((index) => consumed[index]!)];
}

/** One operation: its code, and a number or the tokens that stand behind an address. */
export interface Operation {
  readonly code: number;
  readonly parameter: number | readonly string[];
}

const codes: Readonly<Record<string, number>> = {
  trim: 1,
  'collapse-spaces': 2,
  lowercase: 3,
  uppercase: 4,
  integer: 5,
  decimal: 6,
  empty: 7,
};
const host = 8;

/** A column's steps as the kernel runs them on ASCII values (wasm/steps.ts); null: none. */
export function compileProgram({ steps }: PlannedColumn): readonly Operation[] | null {
  if (steps.length === 0) return null;
  if (steps.some(({ step }) => !nativeSteps.has(step))) return [{ code: host, parameter: 0 }];
  return (
    steps
      // ASCII text is in every normal form.
      .filter(({ step }) => step !== 'nfc')
      .map(({ step, parameter }) => ({ code: codes[step]!, parameter: parameter ?? 0 }))
  );
}

/** Tokens as the kernel holds them: their number, then each as length and bytes, padded to four. */
export function encodeTokens(tokens: readonly string[]): Uint8Array {
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
