import type { SchemaElement, SchemaTree } from 'hyparquet';
import { KeydriftError, tooLarge } from '../../model/index.ts';

/** A column of the table: a leaf of the schema, or an element of a list. */
export interface ParquetColumn {
  /** Dotted. */
  readonly name: string;
  /** The column of the schema's root that it is a part of. */
  readonly top: string;
  /** From that column's value to its own. */
  readonly path: readonly (string | number)[];
  /** As it stands in the file; null: no text can be made of it. */
  readonly element: SchemaElement | null;
  /** How many of its ancestors, and itself, may be null; null: it is within a list. */
  readonly levels: number | null;
}

/** Elements as the file has them, by their path. */
type Leaves = ReadonlyMap<string, SchemaElement>;

/** How long the longest list at a path is; lists in lists share what is longest. */
type Lengths = ReadonlyMap<string, number>;

/** Reads a column of the root in one row group. */
type ReadColumn = (name: string, group: number) => Promise<readonly unknown[]>;

/**
 * Takes the types of all leaves out of a schema, so that the library gives values as they stand
 * instead of rounding them; gives what was taken.
 */
export function takeTypes(tree: SchemaTree): Leaves {
  const leaves = new Map<string, SchemaElement>();
  const visit = (node: SchemaTree): void => {
    for (const child of node.children) visit(child);
    if (node.children.length > 0) return;
    leaves.set(pathOf(node), { ...node.element });
    delete node.element.converted_type;
    delete node.element.logical_type;
  };
  for (const child of tree.children) visit(child);
  return leaves;
}

/** Deeper than this nobody nests a support file; a stack has its bound. */
const mostDepth = 64;

/** Holds the depth of a schema, as the file lists it, against what a stack bears. */
export function holdDepth(schema: readonly SchemaElement[]): void {
  /** Of each open group, how many of its children are to come. */
  const open: number[] = [];
  for (const { num_children: children = 0 } of schema) {
    while (open.length > 0 && open.at(-1) === 0) open.pop();
    if (open.length > 0) open[open.length - 1]! -= 1;
    if (children > 0) open.push(children);
    if (open.length <= mostDepth) continue;
    const message = `the columns of the Parquet file are nested more than ${mostDepth} deep`;
    throw new KeydriftError('TOO_LARGE', message, {
      hint: 'A support file is a table: leave out what is none.',
    });
  }
}

/** How long the lists of a file are: that is what makes columns of them. */
export async function lengthsOf(
  tree: SchemaTree,
  groups: number,
  readColumn: ReadColumn,
): Promise<Lengths> {
  const lengths = new Map<string, number>();
  const measure = (value: unknown, path: string): void => {
    if (Array.isArray(value)) {
      lengths.set(path, Math.max(lengths.get(path) ?? 0, value.length));
      for (const item of value) measure(item, `${path}\0[]`);
    } else if (isStruct(value)) {
      for (const [name, member] of Object.entries(value)) measure(member, `${path}\0${name}`);
    }
  };
  for (const child of tree.children.filter(holdsList)) {
    for (let group = 0; group < groups; group += 1) {
      const { name } = child.element;
      for (const value of await readColumn(name, group)) measure(value, name);
    }
  }
  return lengths;
}

function isStruct(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !(value instanceof Uint8Array);
}

function holdsList(node: SchemaTree): boolean {
  return isList(node) || (!hasNoColumns(node) && node.children.some(holdsList));
}

function isMap({ element }: SchemaTree): boolean {
  const { converted_type: converted, logical_type: logical } = element;
  return converted === 'MAP' || converted === 'MAP_KEY_VALUE' || logical?.type === 'MAP';
}

/** Groups whose values the library makes into something else than their members. */
function hasNoColumns(node: SchemaTree): boolean {
  const { logical_type: logical } = node.element;
  const isOther = node.children.length > 0 && logical !== undefined && logical.type !== 'LIST';
  return isMap(node) || isOther;
}

function isList({ element }: SchemaTree): boolean {
  return element.converted_type === 'LIST' || element.repetition_type === 'REPEATED';
}

/** The columns of a table, in the order of the schema. Throws `TOO_LARGE` beyond `most` of them. */
export function columnsOf(
  tree: SchemaTree,
  leaves: Leaves,
  lengths: Lengths,
  most: number,
): readonly ParquetColumn[] {
  const columns: ParquetColumn[] = [];
  const visit = (
    node: SchemaTree,
    name: string,
    top: string,
    path: readonly (string | number)[],
    measured: string,
    above: number | null,
  ): void => {
    if (columns.length > most) {
      throw tooLarge('columns', most, `the file has more than ${most} columns`);
    }
    const levels = levelsWith(node.element, above);
    if (hasNoColumns(node)) columns.push({ name, top, path, element: null, levels: null });
    else if (isList(node)) {
      const item = node.element.converted_type === 'LIST' ? itemOf(node) : withoutRepetition(node);
      const length = lengths.get(measured) ?? 0;
      for (let at = 0; at < length; at += 1) {
        visit(item, `${name}.${at}`, top, [...path, at], `${measured}\0[]`, null);
      }
    } else if (node.children.length === 0) {
      columns.push({ name, top, path, element: leaves.get(pathOf(node)) ?? null, levels });
    } else {
      for (const child of node.children) {
        const own = child.element.name;
        visit(child, `${name}.${own}`, top, [...path, own], `${measured}\0${own}`, levels);
      }
    }
  };
  const root = tree.element.repetition_type === 'REPEATED' ? null : 0;
  for (const child of tree.children) {
    const { name } = child.element;
    visit(child, name, name, [], name, root);
  }
  return columns;
}

/** Levels of a node below others; null: below a list, or where nobody knows how often it stands. */
function levelsWith({ repetition_type: said }: SchemaElement, above: number | null): number | null {
  if (above === null || (said !== 'OPTIONAL' && said !== 'REQUIRED')) return null;
  return said === 'OPTIONAL' ? above + 1 : above;
}

/** What a list holds: the one child of its one repeated child (the three-level form). */
function itemOf(node: SchemaTree): SchemaTree {
  const repeated = node.children[0]!;
  const item = repeated.children.length === 1 ? repeated.children[0]! : repeated;
  return withoutRepetition(item);
}

function withoutRepetition(node: SchemaTree): SchemaTree {
  if (node.element.repetition_type !== 'REPEATED') return node;
  return { ...node, element: { ...node.element, repetition_type: 'OPTIONAL' } };
}

function pathOf({ path }: SchemaTree): string {
  return path.join('\0');
}
