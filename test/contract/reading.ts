import { parseContract, type ContractOptions } from '../../src/contract/index.ts';
import { KeydriftError, type Contract } from '../../src/model/index.ts';
import { stepShapes } from '../../src/normalize/index.ts';
import { schemes } from '../../src/sources/index.ts';
import { noAccess } from '../sources/locations.ts';

export { noAccess };

export function read(text: string, options: Partial<ContractOptions> = {}): Contract {
  return parseContract(text, {
    path: '/work/jobs/keydrift.yaml',
    environment: { PLACE: 's3://prod/a.csv', EMPTY: '', SECRET: 'gs://hunter2' },
    steps: stepShapes,
    access: noAccess,
    schemes,
    ...options,
  });
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
