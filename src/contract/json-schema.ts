import * as z from 'zod';
import type { StepShape } from '../model/index.ts';
import { contractSchema } from './schema.ts';

/** Lets a text pass that holds a `${`. */
const variable = '|\\$\\{';

/**
 * JSON Schema (draft 2020-12) of the contract's file, for editors. It knows no rule between
 * values: `parseContract` alone decides.
 */
export function contractJsonSchema(steps: readonly StepShape[]): Record<string, unknown> {
  const schema = z.toJSONSchema(contractSchema(steps), {
    target: 'draft-2020-12',
    io: 'input',
    override: ({ jsonSchema }) => {
      // What the environment is to fill in cannot be checked in an editor. A part can come twice.
      const { type, pattern } = jsonSchema;
      if (type === 'string' && pattern !== undefined && !pattern.endsWith(variable)) {
        jsonSchema.pattern = pattern + variable;
      }
    },
  });
  return { ...schema };
}
