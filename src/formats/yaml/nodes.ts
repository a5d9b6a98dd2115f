import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Document,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { KeydriftError } from '../../model/index.ts';

/** What a node of a document stands for; null: nothing stands there. */
export type Value = YAMLMap | YAMLSeq | Scalar | null;

/** Throws a content error at the line of a node. */
export type Refuse = (
  code: 'NOT_RECORDS' | 'YAML_INVALID' | 'TOO_LARGE',
  node: unknown,
  what: string,
) => never;

/** Reads the nodes of one document within bounds, whatever its aliases stand for. */
export interface Nodes {
  readonly refuse: Refuse;
  /** What a node stands for, aliases followed. */
  resolve(this: void, node: unknown, depth: number): Value;
  /** A map's members, behind its own those that `<<` merges in (the YAML merge key). */
  membersOf(this: void, map: YAMLMap, depth: number): ReadonlyMap<string, Value>;
  /** The text of a scalar; null: it is null. */
  textOf(this: void, node: Scalar | null): string | null;
  lineOf(this: void, node: unknown): number;
}

export const mostDepth = 64;
/** Values that may be met in all, those behind aliases each time: a few bytes can name billions. */
const mostValues = 20_000_000;

export function openNodes(document: Document.Parsed, lineAt: (offset: number) => number): Nodes {
  let left = mostValues;
  const lineOf = (node: unknown): number => {
    const hasPlace = isMap(node) || isSeq(node) || isScalar(node) || isAlias(node);
    return lineAt(hasPlace ? (node.range?.[0] ?? 0) : 0);
  };
  const refuse: Refuse = (code, node, what) => {
    const line = lineOf(node);
    throw new KeydriftError(code, `${what} (line ${line})`, { place: { line }, hint: hints[code] });
  };
  const within = (node: unknown, depth: number): void => {
    left -= 1;
    if (left < 0) refuse('TOO_LARGE', node, `aliases stand for more than ${mostValues} values`);
    if (depth > mostDepth) {
      refuse('TOO_LARGE', node, `values are nested more than ${mostDepth} deep`);
    }
  };
  const resolve = (node: unknown, depth: number): Value => {
    within(node, depth);
    if (isMap(node) || isSeq(node) || isScalar(node)) return node;
    if (!isAlias(node)) return null;
    const target = node.resolve(document);
    return target === undefined
      ? refuse('YAML_INVALID', node, 'an alias names no anchor before it')
      : resolve(target, depth + 1);
  };
  const membersOf = (map: YAMLMap, depth: number): ReadonlyMap<string, Value> => {
    within(map, depth);
    const members = new Map<string, Value>();
    const merged: YAMLMap[] = [];
    for (const { key, value } of map.items) {
      const name = resolve(key, depth);
      const node = resolve(value, depth);
      if (!isScalar(name) && name !== null) {
        refuse('NOT_RECORDS', map, 'a key of a map is a map or a list');
      } else if (name !== null && isMergeKey(name))
        for (const one of mergedBy(node, map, depth)) merged.push(one);
      else members.set(name === null ? '' : plainText(name), node);
    }
    for (const source of merged) {
      for (const [name, node] of membersOf(source, depth + 1)) {
        if (!members.has(name)) members.set(name, node);
      }
    }
    return members;
  };
  /** The maps that a merge key names, one or a list of them. */
  const mergedBy = (node: Value, map: YAMLMap, depth: number): readonly YAMLMap[] => {
    const sources = isSeq(node) ? node.items.map((item) => resolve(item, depth)) : [node];
    return sources.map((source) =>
      isMap(source) ? source : refuse('YAML_INVALID', map, 'a merge key names no map'),
    );
  };
  const textOf = (node: Scalar | null): string | null => {
    if (node === null) return null;
    const text = plainText(node);
    const { tag, type } = node;
    if (tag === 'tag:yaml.org,2002:str' || tag === '!') return text;
    if (tag !== undefined) {
      const shown = JSON.stringify(tag.slice(0, 80));
      refuse('YAML_INVALID', node, `the tag ${shown} is none that a support file may have`);
    }
    if (type !== 'PLAIN') return text;
    return nulls.has(text) ? null : (booleans.get(text) ?? text);
  };
  return { refuse, resolve, membersOf, textOf, lineOf };
}

/** What stands there: in the failsafe schema every scalar is text. */
function plainText({ value }: Scalar): string {
  return typeof value === 'string' ? value : '';
}

function isMergeKey(node: Scalar): boolean {
  return plainText(node) === '<<' && node.type === 'PLAIN' && node.tag === undefined;
}

/** What the core schema of YAML 1.2 takes for null and for booleans. */
const nulls: ReadonlySet<string> = new Set(['', '~', 'null', 'Null', 'NULL']);
const booleans: ReadonlyMap<string, string> = new Map([
  ['True', 'true'],
  ['TRUE', 'true'],
  ['False', 'false'],
  ['FALSE', 'false'],
]);

const hints = {
  NOT_RECORDS:
    'Records are a list of maps. Say `records: /path/to/list` where it stands further in, or `keyColumn: NAME` for a map whose keys name the records.',
  YAML_INVALID: 'A support file in YAML holds maps, lists and plain values.',
  TOO_LARGE: 'A support file is a table: leave out what is none.',
} as const;
