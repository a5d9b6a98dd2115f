import * as z from 'zod';
import type { StepShape } from '../model/index.ts';
import { contractSchema } from './schema.ts';

/**
 * JSON Schema (draft 2020-12) of the contract's file, for editors, with the names of the formats. It
 * knows no rule between values: `parseContract` alone decides.
 */
export function contractJsonSchema(
  steps: readonly StepShape[],
  formats: readonly string[],
): Record<string, unknown> {
  const schema = z.toJSONSchema(contractSchema(steps, 'optional', formats), {
    target: 'draft-2020-12',
    io: 'input',
    reused: 'ref',
  });
  return { ...schema, anyOf: ['artifacts', 'include'].map(needed) };
}

const forPeople: ReadonlySet<string> = new Set(['$schema', 'title', 'description', 'examples']);

/** The same without what is for people: what plain-shape.ts looks at. */
export function contractShape(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(contractShape);
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema).flatMap(([name, value]) => {
      if (name === 'properties' || name === '$defs') return [[name, mapped(value)]];
      return forPeople.has(name) ? [] : [[name, contractShape(value)]];
    }),
  );
}

function mapped(named: object): unknown {
  return Object.fromEntries(
    Object.entries(named).map(([name, value]) => [name, contractShape(value)]),
  );
}

function needed(word: string): Record<string, unknown> {
  return { properties: { [word]: {} }, required: [word] };
}
