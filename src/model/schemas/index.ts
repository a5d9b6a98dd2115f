import type * as z from 'zod';
import { bundle } from './bundle.ts';
import { decision } from './decision.ts';
import { gate } from './gate.ts';
import { investigation } from './investigation.ts';
import { jsonSchema } from './parts.ts';
import { plan, publication } from './publication.ts';
import { report } from './report.ts';
import { run } from './run-record.ts';

/** Every JSON document, by the name of its schema; adding one is one file and one line here. */
const documents: Readonly<Record<string, z.ZodType>> = {
  report,
  investigation,
  plan,
  publication,
  bundle,
  gate,
  decision,
  run,
};

/** The schemas as they are shipped: file name and JSON Schema (draft 2020-12). */
export function documentSchemas(): readonly (readonly [file: string, schema: object])[] {
  return Object.entries(documents).map(([name, shape]) => [
    `keydrift.${name}.schema.json`,
    jsonSchema(name, shape),
  ]);
}
