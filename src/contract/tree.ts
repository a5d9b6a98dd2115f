import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Document,
  type Node,
  type YAMLMap,
} from 'yaml';
import { quote } from '../model/index.ts';
import { pathText, type Path } from './path.ts';
import { isTemplate, readLiteral } from './variables.ts';

/** A value of the contract: plain data; maps have no prototype. */
export type Data = null | boolean | number | string | DataList | DataMap;
/** Undefined: a problem of the item was reported already. */
export type DataList = (Data | undefined)[];
export interface DataMap {
  [name: string]: Data | undefined;
}

/** Adds a problem at a path; `line` where it is not the line of the path's value. */
export type ReportProblem = (
  path: Path,
  message: string,
  hint?: string | null,
  line?: number,
) => void;

/** Where a value stands in the file, and how it is written there. */
export interface Place {
  readonly line: number;
  /** A scalar's text; null for lists and maps. */
  readonly written: string | null;
  /** A map's names in the file's order. */
  readonly names: readonly string[];
}

/** What a conversion needs and fills: `places` gets an entry for every path. */
export interface Conversion {
  readonly document: Document;
  readonly places: Map<string, Place>;
  lineAt(offset: number): number;
  readonly report: ReportProblem;
}

/** Bounds what aliases of aliases may grow to; no contract comes near. */
const mostValues = 100_000;

/**
 * YAML nodes → data. Variables stay where one may stand, and are reported elsewhere. A value that cannot be read is reported and becomes
 * undefined. Own code instead of the library's, because that loses the file's order, a map's
 * doubled names, the difference between `null` and nothing, and a name `__proto__`.
 */
export function convertTree(conversion: Conversion): Data | undefined {
  const { document, report } = conversion;
  if (document.contents === null) {
    report([], 'the file is empty', 'A contract starts with `version: 1` and `artifacts:`.');
    return undefined;
  }
  const walk: Walk = { ...conversion, open: new Set(), values: 0 };
  return convertNode(walk, document.contents, [], null);
}

interface Walk extends Conversion {
  /** Nodes that are being converted, to see an alias of what it stands in. */
  readonly open: Set<Node>;
  values: number;
}

/** `line` is that of the name that the value belongs to; null: the value's own. */
function convertNode(walk: Walk, node: unknown, path: Path, line: number | null): Data | undefined {
  const own = startOf(node) ?? 0;
  const place: Place = { line: line ?? walk.lineAt(own), written: null, names: [] };
  walk.places.set(pathText(path), place);
  walk.values += 1;
  if (walk.values > mostValues) {
    if (walk.values === mostValues + 1) walk.report([], 'the aliases (`*name`) grow too large');
    return undefined;
  }
  if (isAlias(node)) return convertAlias(walk, node.resolve(walk.document), path, place.line);
  if (isScalar(node)) {
    const written = node.source ?? String(node.value);
    walk.places.set(pathText(path), { ...place, written });
    return convertScalar(walk, node.value, written, path);
  }
  if (!isMap(node) && !isSeq(node)) return noValue(walk, path);
  walk.open.add(node);
  const data = isMap(node)
    ? convertMap(walk, node, path, place)
    : node.items.map((item, index) => convertNode(walk, item, [...path, index], null));
  walk.open.delete(node);
  return data;
}

function convertAlias(
  walk: Walk,
  target: Node | undefined,
  path: Path,
  line: number,
): Data | undefined {
  if (target !== undefined && !walk.open.has(target)) return convertNode(walk, target, path, line);
  walk.report(path, 'an alias (`*name`) that stands for nothing, or for what it is in');
  return undefined;
}

function convertMap(walk: Walk, node: YAMLMap, path: Path, place: Place): DataMap {
  const data: DataMap = Object.create(null);
  const lines = new Map<string, number>();
  for (const { key, value } of node.items) {
    const line = walk.lineAt(startOf(key) ?? startOf(node) ?? 0);
    const name = nameOf(key);
    const first = name === null ? undefined : lines.get(name);
    if (name === null) {
      walk.report(path, 'a name that is no plain text', 'Put the name in quotes.', line);
    } else if (name === '__proto__') {
      walk.report([...path, name], '"__proto__" cannot be a name here', null, line);
    } else if (first !== undefined) {
      const message = `${quote(name)} is written twice, first on line ${first}`;
      walk.report([...path, name], message, 'Remove one of the two.', line);
    } else {
      lines.set(name, line);
      data[name] = convertNode(walk, value, [...path, name], line);
    }
  }
  walk.places.set(pathText(path), { ...place, names: [...lines.keys()] });
  return data;
}

/** Offset at which a node starts; null for what is no node. */
function startOf(node: unknown): number | null {
  return isNode(node) ? (node.range?.[0] ?? null) : null;
}

/** A name as the file has it, so that `2024` and `1.0` stay themselves; null: not plain text. */
function nameOf(key: unknown): string | null {
  if (!isScalar(key)) return null;
  if (typeof key.value === 'string') return key.value;
  return key.source === undefined || key.source === '' ? null : key.source;
}

function convertScalar(walk: Walk, value: unknown, written: string, path: Path): Data | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value !== 'string') return written === '' ? noValue(walk, path) : null;
  const literal = isTemplate(path) ? { text: value, fault: null } : readLiteral(value);
  if (literal.fault === null) return literal.text;
  walk.report(path, literal.fault.message, literal.fault.hint);
  return undefined;
}

/** `comment: #` has none: YAML takes the rest of the line for a comment, and so null for a value. */
function noValue(walk: Walk, path: Path): undefined {
  walk.report(path, 'has no value', 'Give it one, in quotes where it is a sign such as "#".');
  return undefined;
}
