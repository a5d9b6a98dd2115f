import { LineCounter, parseDocument, isNode } from 'yaml';
import { type ProposedWord } from '../proposal.ts';

/** A contract of another tool, as data and with the lines of its parts. */
export interface SourceDocument {
  /** As it is named in comments. */
  readonly shown: string;
  readonly data: unknown;
  /** What stands at a path; undefined: nothing. */
  at(path: Path): unknown;
  /** `schema.json, line 12`. */
  where(path: Path): string;
}

export type Path = readonly (string | number)[];

/** What one of its tables says of an artifact. */
export interface SourceTable {
  readonly name: string;
  /** The file that it describes: from the document's folder, or a name to be looked for; null: it names none. */
  readonly file: { readonly path: string } | { readonly name: string } | null;
  /** Where the job reads it; null: it does not say. */
  readonly runtime: { readonly value: unknown; readonly note: string } | null;
  readonly words: readonly ProposedWord[];
}

/** Types that have a step of their name; what a pattern of its own changes is left to people. */
export const typesWithStep: ReadonlySet<unknown> = new Set([
  'integer',
  'number',
  'boolean',
  'date',
]);

/** A kind of contract: one file of this folder, and one line of its index. */
export interface ContractKind {
  readonly what: string;
  /** Whether a document is of this kind. */
  recognizes(data: unknown): boolean;
  tables(document: SourceDocument): readonly SourceTable[];
}

/** Reads JSON or YAML; null: it is neither. */
export function readDocument(text: string, shown: string): SourceDocument | null {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter });
  if (document.errors.length > 0) return null;
  const data: unknown = document.toJS({ maxAliasCount: 1000 });
  return {
    shown,
    data,
    at: (path) => path.reduce<unknown>((value, key) => get(value, key), data),
    where(path) {
      const node = document.getIn(path, true);
      const start = isNode(node) ? node.range?.[0] : undefined;
      return start === undefined ? shown : `${shown}, line ${counter.linePos(start).line}`;
    },
  };
}

/** A member of a map or a list; undefined where there is none. */
export function get(value: unknown, key: string | number): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? Reflect.get(value, key)
    : undefined;
}

/** The entries of a list, with their places; none where it is no list. */
export function listAt(
  document: SourceDocument,
  path: Path,
): readonly { readonly value: unknown; readonly path: Path }[] {
  const list = document.at(path);
  return Array.isArray(list)
    ? list.map((value: unknown, at) => ({ value, path: [...path, at] }))
    : [];
}

/** A text that is not empty; null for anything else. */
export function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
