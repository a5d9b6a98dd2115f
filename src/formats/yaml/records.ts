import { isMap, isScalar, isSeq, type Document } from 'yaml';
import { tooLarge, type ReadLimits } from '../../model/index.ts';
import type { RecordOptions } from '../options.ts';
import { openNodes, type Nodes, type Value } from './nodes.ts';

/** A record of a YAML document, its cells by the index of their column; null and absent are alike. */
export interface YamlRecord {
  readonly line: number;
  readonly cells: readonly (string | null | undefined)[];
}

export interface YamlRecords {
  readonly columns: readonly string[];
  readonly records: readonly YamlRecord[];
}

/** The cells of a record that is being read. */
type Cells = (string | null | undefined)[];

/** The records of a document. Throws content errors with the line of what is wrong. */
export function readRecords(
  document: Document.Parsed,
  { records: pointer, keyColumn }: RecordOptions,
  lineAt: (offset: number) => number,
  limits: ReadLimits,
): YamlRecords {
  const nodes = openNodes(document, lineAt);
  const { refuse, resolve, lineOf } = nodes;
  const cells = createCells(nodes, limits.columns);
  const root = find(nodes, resolve(document.contents, 0), pointer);
  const where = pointer === '' ? 'the document' : pointer;
  if (keyColumn === null) {
    if (!isSeq(root)) return refuse('NOT_RECORDS', root, `${where} is not a list of maps`);
    const records = root.items.map((item): YamlRecord => {
      const node = resolve(item, 0);
      if (!isMap(node)) return refuse('NOT_RECORDS', node ?? item, 'a record is no map');
      return { line: lineOf(item), cells: cells.flatten(node, []) };
    });
    return { columns: cells.columns, records };
  }
  if (!isMap(root)) {
    return refuse('NOT_RECORDS', root, `${where} is not a map whose keys name the records`);
  }
  const lines = new Map(
    root.items.map(({ key }) => [isScalar(key) ? String(key.value) : '', lineOf(key)]),
  );
  const keys = cells.columnOf(keyColumn, root);
  const records = [...nodes.membersOf(root, 0)].map(([key, node]): YamlRecord => {
    const own: Cells = [];
    own[keys] = key;
    if (isSeq(node)) refuse('NOT_RECORDS', node, 'a record is no map');
    else if (isMap(node)) cells.flatten(node, own);
    else own[cells.columnOf('value', node)] = nodes.textOf(node);
    return { line: lines.get(key) ?? lineOf(node), cells: own };
  });
  return { columns: cells.columns, records };
}

/** What a JSON Pointer (RFC 6901) names in a document. */
function find({ membersOf, resolve, refuse }: Nodes, root: Value, pointer: string): Value {
  return pointer
    .split('/')
    .slice(1)
    .reduce<Value>((node, token) => {
      const wanted = token.replaceAll('~1', '/').replaceAll('~0', '~');
      if (isMap(node)) {
        const member = membersOf(node, 0).get(wanted);
        if (member !== undefined) return member;
      } else if (
        isSeq(node) &&
        /^(?:0|[1-9]\d*)$/.test(wanted) &&
        Number(wanted) < node.items.length
      ) {
        return resolve(node.items[Number(wanted)], 0);
      }
      return refuse('NOT_RECORDS', node, `${pointer} names nothing in this document`);
    }, root);
}

interface CellReader {
  readonly columns: readonly string[];
  columnOf(name: string, node: unknown): number;
  /** Puts the scalars of a record into cells, nested ones under dotted names. */
  flatten(node: Value, into: Cells): Cells;
}

function createCells(
  { refuse, resolve, membersOf, textOf, lineOf }: Nodes,
  mostColumns: number,
): CellReader {
  const columns: string[] = [];
  const indexes = new Map<string, number>();
  const columnOf = (name: string, node: unknown): number => {
    const known = indexes.get(name);
    if (known !== undefined) return known;
    if (columns.length >= mostColumns) {
      const what = `the records have more than ${mostColumns} members`;
      throw tooLarge('columns', mostColumns, what, { line: lineOf(node) });
    }
    const column = columns.push(name) - 1;
    indexes.set(name, column);
    return column;
  };
  const put = (node: Value, name: string | null, depth: number, into: Cells): void => {
    const inner = (own: string): string => (name === null ? own : `${name}.${own}`);
    if (isMap(node)) {
      for (const [own, value] of membersOf(node, depth)) put(value, inner(own), depth + 1, into);
    } else if (isSeq(node)) {
      for (const [at, item] of node.items.entries()) {
        put(resolve(item, depth), inner(String(at)), depth + 1, into);
      }
    } else {
      const column = columnOf(name ?? '', node);
      if (into[column] !== undefined) {
        const shown = JSON.stringify((name ?? '').slice(0, 80));
        refuse('NOT_RECORDS', node, `two members of a record are called ${shown}`);
      }
      into[column] = textOf(node);
    }
  };
  return {
    columns,
    columnOf,
    flatten(node, into) {
      put(node, null, 0, into);
      return into;
    },
  };
}
