import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

const ajv = new Ajv2020({
  strict: true,
  strictRequired: false,
  allowUnionTypes: true,
  allErrors: true,
});
addFormats.default(ajv);

const compiled = new Map<string, ValidateFunction>();

/** The shipped schema of a document, by its name: `report`, `plan`. */
export function schemaOf(name: string): { [word: string]: unknown } {
  const file = new URL(`../schema/keydrift.${name}.schema.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** Compiles a schema as it stands. */
export function validatorOf(schema: object): ValidateFunction {
  const { $id: _, ...anonymous } = schema as { readonly $id?: unknown };
  return ajv.compile(anonymous);
}

/**
 * A document from its JSON. Throws where its schema does not take it, or does not describe a member
 * that it has: what is written is all told there.
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the type is the schema's, by its name
export function documentOf<T>(name: string, json: string): T {
  const validate = compiled.get(name) ?? validatorOf(closed(schemaOf(name)));
  compiled.set(name, validate);
  const found: unknown = JSON.parse(json);
  if (!validate(found)) throw new Error(`${name}: ${JSON.stringify(validate.errors)}`);
  return found as T;
}

/** A schema without room for what it does not describe. */
export function closed(schema: object): { [word: string]: unknown } {
  const deep = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(deep);
    if (typeof value !== 'object' || value === null) return value;
    const members = Object.entries(value).map(([name, member]) => [name, deep(member)] as const);
    const one = Object.fromEntries(members);
    const open = one['additionalProperties'];
    const isOpen = open === undefined || JSON.stringify(open) === '{}';
    if (one['type'] !== 'object' || one['properties'] === undefined || !isOpen) return one;
    return { ...one, additionalProperties: false };
  };
  return JSON.parse(JSON.stringify(deep(schema)));
}
