import { contractFile, type Data } from './file.ts';
import type { ContractReader } from './parse.ts';
import { readPlain } from './plain.ts';
import type { ContractDraft } from './draft.ts';
import { shapeTable } from './shape-table.ts';

/**
 * Reads what nearly all contracts are, and is sure of it; all else, and whatever may be wrong, it
 * leaves to the thorough reader, whose parser and schema take most of a start.
 */
export const plainly: ContractReader = {
  open(text) {
    const plain = readPlain(text);
    if (plain === null) return null;
    return contractFile({ places: plain.places, problems: [], data: () => plain.data });
  },
  shape: ({ data }) => (isPlainlyShaped(data) ? data : 'unsure'),
};

/** What of JSON Schema the contract's schema says (shape-table.ts); more is a fault of the table. */
interface Shape {
  readonly type?: string;
  readonly $ref?: string;
  readonly anyOf?: readonly Shape[];
  readonly not?: Shape;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Shape;
  readonly minItems?: number;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Shape | boolean;
  readonly propertyNames?: Shape;
  readonly minProperties?: number;
  readonly maxProperties?: number;
}

let known: { readonly root: Shape; readonly named: Readonly<Record<string, Shape>> } | null = null;
const patterns = new Map<string, RegExp>();

/**
 * Whether data is a contract for sure, as far as its shape goes. False says nothing: the schema
 * itself has to look, and words what is wrong.
 */
export function isPlainlyShaped(data: Data | undefined): data is Data & ContractDraft {
  if (known === null) {
    const root: Shape & { readonly $defs: Readonly<Record<string, Shape>> } =
      JSON.parse(shapeTable);
    known = { root, named: root.$defs };
  }
  return fits(known.root, data);
}

function fits(shape: Shape, value: unknown): boolean {
  if (shape.$ref !== undefined) {
    const name = shape.$ref.slice('#/$defs/'.length);
    if (!fits(known!.named[name]!, value)) return false;
  }
  if (shape.anyOf !== undefined && !shape.anyOf.some((one) => fits(one, value))) return false;
  if (shape.not !== undefined && fits(shape.not, value)) return false;
  if (shape.enum !== undefined && !shape.enum.includes(value)) return false;
  if (shape.const !== undefined && shape.const !== value) return false;
  if (shape.type !== undefined && !isOfType(shape.type, value)) return false;
  if (typeof value === 'string') return fitsText(shape, value);
  if (typeof value === 'number') {
    return value >= (shape.minimum ?? -Infinity) && value <= (shape.maximum ?? Infinity);
  }
  if (Array.isArray(value)) {
    const { items, minItems = 0 } = shape;
    if (value.length < minItems) return false;
    return items === undefined || value.every((item) => fits(items, item));
  }
  return typeof value !== 'object' || value === null || fitsMap(shape, value);
}

function isOfType(type: string, value: unknown): boolean {
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'array') return Array.isArray(value);
  if (type === 'null') return value === null;
  if (type === 'object')
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof value === type;
}

function fitsText({ pattern, minLength = 0 }: Shape, text: string): boolean {
  if (text.length < minLength) return false;
  if (pattern === undefined) return true;
  const compiled = patterns.get(pattern) ?? new RegExp(pattern, 'u');
  patterns.set(pattern, compiled);
  return compiled.test(text);
}

function fitsMap(shape: Shape, map: object): boolean {
  const { properties = {}, required = [], additionalProperties, propertyNames } = shape;
  const names = Object.keys(map);
  if (names.length < (shape.minProperties ?? 0)) return false;
  if (names.length > (shape.maxProperties ?? Infinity)) return false;
  if (!required.every((name) => Object.hasOwn(map, name))) return false;
  return names.every((name) => {
    if (propertyNames !== undefined && !fits(propertyNames, name)) return false;
    const own = Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
    if (own === undefined || typeof own === 'boolean') return own !== false;
    return fits(own, Reflect.get(map, name));
  });
}
