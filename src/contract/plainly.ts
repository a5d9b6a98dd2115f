import { wordsBesidePlaces } from './alike.ts';
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
    return contractFile({ ...plain, problems: [], data: () => plain.data });
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
/** By the shape that they have: what artifacts say beside the places of their copies. */
const alike = new WeakMap<Shape, Set<string>>();
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
    if (!fits(namedBy(shape.$ref), value)) return false;
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
    const value: unknown = Reflect.get(map, name);
    return own === additionalProperties ? fitsAlike(own, value) : fits(own, value);
  });
}

/**
 * As `fits`: of a thousand entries that say alike, where their copies lie is all that is looked at. No
 * shape asks of two texts more than what they are, and that they are there.
 */
function fitsAlike(shape: Shape, value: unknown): boolean {
  const id = typeof value === 'object' && value !== null ? wordsBesidePlaces(value) : null;
  if (id === null) return fits(shape, value);
  const looked = alike.get(shape) ?? new Set();
  alike.set(shape, looked);
  const { reviewed, runtime } = propertiesOf(shape);
  const { reviewed: one, runtime: other }: Partial<Record<string, unknown>> = Object(value);
  if (looked.has(id) && reviewed !== undefined && runtime !== undefined) {
    return fits(reviewed, one) && fits(runtime, other);
  }
  const isFit = fits(shape, value);
  if (isFit) looked.add(id);
  return isFit;
}

function propertiesOf({ properties = {}, $ref }: Shape): Partial<Readonly<Record<string, Shape>>> {
  return $ref === undefined ? properties : propertiesOf(namedBy($ref));
}

function namedBy(ref: string): Shape {
  return known!.named[ref.slice('#/$defs/'.length)]!;
}
