import * as z from 'zod';
import type { StepShape } from '../model/index.ts';
import { acceptSchema, graceSchema } from './schema-accept.ts';
import { copiesSchema, copySchema, csvSchema, policySchema, putSchema } from './schema-copy.ts';
import {
  closed,
  column,
  filled,
  freeMap,
  list,
  location,
  matching,
  namedMap,
  ref,
  text,
} from './schema-parts.ts';

/*
 * Rules between values (a column named twice) are not here: they must be checked, and reported,
 * also where some other value is misshapen.
 */

/** The schema of the contract's file. Built on demand: a run without a contract does not pay. */
export function contractSchema(steps: readonly StepShape[]): z.ZodType {
  const shape = {
    $schema: text('the address of a JSON Schema').describe('For editors.').optional(),
    version: z.literal(1, { error: '1' }).describe('Version of the contract format.'),
    artifacts: namedMap(artifactSchema(steps), 'a map of artifacts, each by its name')
      .refine((artifacts) => Object.keys(artifacts).length > 0, {
        error: 'at least one artifact',
      })
      .describe('The support files, each by its name.'),
  };
  return closed(shape, 'a map with `version` and `artifacts`').meta({
    title: 'keydrift contract',
    description: 'What keydrift is to prove of the support files of a batch job.',
  });
}

function artifactSchema(steps: readonly StepShape[]): z.ZodType {
  const shape = {
    owner: text('a name or an address').describe('Echoed in every output.').optional(),
    runbook: text('an address or a note').describe('Echoed in every output.').optional(),
    labels: freeMap(text('text'), 'a map of labels').describe('Echoed in every output.').optional(),
    reviewed: reviewedSchema(),
    runtime: runtimeSchema(),
    key: list(keyColumnSchema(), 'a list of columns')
      .min(1, { error: 'at least one column' })
      .describe('Columns whose normalized values name one logical unit of work.'),
    consumes: list(column(), 'a list of columns')
      .describe('Columns that the transform reads. Left out: all but key and descriptive ones.')
      .optional(),
    descriptive: list(text('a column name'), 'a list of columns')
      .describe('Columns that are never drift; all others are consumed.')
      .optional(),
    normalize: freeMap(list(stepSchema(steps), 'a list of steps'), 'a map from column to steps')
      .describe('Steps that every value of a column passes before it is compared.')
      .optional(),
    policy: policySchema().optional(),
    maxAmplification: z
      .number({ error: 'a number, at least 1' })
      .min(1, { error: 'a number, at least 1' })
      .describe('How often the average unit may run.')
      .optional(),
    units: unitsSchema().optional(),
    csv: csvSchema().optional(),
    accept: acceptSchema().optional(),
    grace: graceSchema().optional(),
    put: putSchema().optional(),
    cost: costSchema().optional(),
  };
  return closed(shape, 'a map with `reviewed`, `runtime` and `key`').describe('One support file.');
}

function reviewedSchema(): z.ZodType {
  const inRepository = {
    repo: filled('a directory or the URL of a git repository').describe(
      'A directory, relative to this file, or the URL of a git repository.',
    ),
    ref: ref().optional(),
    path: filled("a path from the repository's root"),
  };
  const expected = 'a location, or a map with `repo`, `ref` and `path`';
  return z
    .union([location(), closed(inRepository, expected)], { error: expected })
    .describe('The reviewed copy: a path beside this file (git at --ref), or git:REF:PATH.');
}

function runtimeSchema(): z.ZodType {
  const copy = copySchema();
  const expected = 'a location, a map with `url`, or a map of copies';
  const one = z.union([location(), copy], { error: 'a location, or a map with `url`' });
  return z
    .union([location(), copy, copiesSchema(one, expected)], { error: expected })
    .describe('The copy that the job reads, or several of them by name.');
}

function keyColumnSchema(): z.ZodType {
  const expected = 'a column name, or {column: NAME, optional: true}';
  const shape = {
    column: column(),
    optional: z
      .boolean({ error: 'true or false' })
      .describe('Whether its value may be empty.')
      .optional(),
  };
  return z.union([column(), closed(shape, expected)], { error: expected });
}

function unitsSchema(): z.ZodType {
  const expected = 'a whole number, at least 0';
  const count = (): z.ZodType => z.int({ error: expected }).min(0, { error: expected }).optional();
  return closed(
    { min: count().describe('1 where left out.'), max: count() },
    'a map with `min` and `max`',
  ).describe('Bounds on the number of units.');
}

function costSchema(): z.ZodType {
  const expected = 's3://BUCKET/PREFIX, where {COLUMN} stands for the value of a unit';
  const scans = matching(/^s3:\/\//, expected).describe(
    'The prefix that the job scans for one unit, key and consumed columns in braces.',
  );
  return closed({ scans }, 'a map with `scans`').describe(
    'What a unit scans: `investigate` tells what repetition costs.',
  );
}

/** Steps are checked by normalize.ts, with the words of the table of steps. */
function stepSchema(steps: readonly StepShape[]): z.ZodType {
  const bare = steps.filter((step) => step.parameter === null).map((step) => step.name);
  const withParameter = steps.flatMap(({ name, parameter }) =>
    parameter === null
      ? []
      : [
          {
            type: 'object',
            properties: { [name]: { ...parameter.jsonSchema, description: parameter.expected } },
            required: [name],
            additionalProperties: false,
          },
        ],
  );
  return z.unknown().meta({ anyOf: [{ type: 'string', enum: bare }, ...withParameter] });
}
