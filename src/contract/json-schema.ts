import * as z from 'zod';
import type { StepShape } from '../model/index.ts';
import { contractSchema } from './schema.ts';

/**
 * JSON Schema (draft 2020-12) of the contract's file, for editors. It knows no rule between
 * values: `parseContract` alone decides.
 */
export function contractJsonSchema(steps: readonly StepShape[]): Record<string, unknown> {
  const schema = z.toJSONSchema(contractSchema(steps, 'optional'), {
    target: 'draft-2020-12',
    io: 'input',
    reused: 'ref',
  });
  return { ...schema, anyOf: ['artifacts', 'include'].map(needed) };
}

function needed(word: string): Record<string, unknown> {
  return { properties: { [word]: {} }, required: [word] };
}
