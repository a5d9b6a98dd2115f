import { inspect } from 'node:util';
import { expect } from 'vitest';
import type { ContractOptions, Variables } from '../../src/contract/index.ts';
import { readContract } from '../../src/contract/parse.ts';
import { plainly } from '../../src/contract/plainly.ts';
import { parseContract } from '../../src/contract/thoroughly.ts';
import { KeydriftError, type Contract } from '../../src/model/index.ts';
import { compressionNames, formats, isEncoding } from '../../src/formats/index.ts';
import { stepShapes } from '../../src/normalize/index.ts';
import { schemes } from '../../src/sources/index.ts';
import { noAccess } from '../sources/locations.ts';

export { noAccess };

/** Variables that are set. */
const values: Readonly<Record<string, string>> = {
  PLACE: 's3://prod/a.csv',
  EMPTY: '',
  SECRET: 'gs://hunter2',
};

export function setTo(known: Readonly<Record<string, string>>): Variables {
  return (name) => (Object.hasOwn(known, name) ? known[name] : undefined);
}

/** A text as the contract that it states; what the plain reader is sure of, the thorough one says too. */
export function read(text: string, options: Partial<ContractOptions> = {}): Contract {
  const file = { path: '/work/jobs/keydrift.yaml', text, bytes: Buffer.from(text) };
  const root = { ...file, included: [], faults: [] };
  const all: ContractOptions = {
    committed: null,
    variables: setTo(values),
    steps: stepShapes,
    schemes,
    access: noAccess,
    caps: {},
    forms: { formats: Object.keys(formats), compressions: compressionNames, isEncoding },
    ...options,
  };
  const plain = told(() => readContract(root, all, plainly));
  if (plain !== 'null') expect(plain).toBe(told(() => parseContract(root, all)));
  return parseContract(root, all);
}

/** What a reader says, whole, or the problems that it finds. */
function told(reading: () => Contract | null): string {
  const whole = { depth: 20, maxArrayLength: null, maxStringLength: null };
  try {
    // Where a fault was made is no part of it.
    return inspect(reading(), whole).replaceAll(/^\s+at .*$/gm, '');
  } catch (error) {
    if (!(error instanceof KeydriftError)) throw error;
    return inspect([error.code, error.message, error.problems], whole);
  }
}

/** The error of a text that is no contract; anything else fails the test. */
export function refusal(text: string): KeydriftError {
  try {
    read(text);
  } catch (error) {
    if (error instanceof KeydriftError) return error;
    throw error;
  }
  throw new Error('the contract was accepted');
}

/** A contract of one artifact `p`, its lines from line 4 on, indented by four spaces. */
export function artifact(...lines: readonly string[]): string {
  return ['version: 1', 'artifacts:', '  p:', ...lines.map((line) => `    ${line}`), ''].join('\n');
}

export const enough: readonly string[] = ['reviewed: a.csv', 'runtime: s3://b/a.csv', 'key: [id]'];

/** An entry of `accept` for it. */
export const entry: string =
  '{key: {id: "1"}, kinds: [conflict], rows: 2, variant: ["0123456789abcdef0123456789abcdef", "f123456789abcdef0123456789abcdef"], until: 2026-12-31, reason: known}';
