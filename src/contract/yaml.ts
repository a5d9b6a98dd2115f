import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  parseDocument,
  type Alias,
  type Document,
  type Node,
  type YAMLMap,
} from 'yaml';
import { quote, type Problem } from '../model/index.ts';
import {
  pathText,
  type Data,
  type DataMap,
  type Path,
  type Place,
  type ReportProblem,
} from './file.ts';
import { syntaxProblems } from './yaml-faults.ts';
import { isTemplate, readLiteral } from './variables.ts';

/** A YAML (or JSON) text, parsed; with problems there is no use in its nodes. */
export interface ParsedText {
  readonly document: Document;
  readonly problems: readonly Problem[];
  /** 1-based line of an offset in the text. */
  lineAt(offset: number): number;
}

/** Parses by the YAML 1.2 core schema. Throws nothing: faults are problems, one for each line. */
export function parseYaml(text: string): ParsedText {
  const lines = new LineCounter();
  const problems: Problem[] = [];
  const deep = tooDeepAt(text);
  if (deep !== null) {
    problems.push({ line: deep, path: '', message: 'values are nested too deeply', hint: null });
  }
  const document = parseDocument(deep === null ? text : '', {
    version: '1.2',
    schema: 'core',
    merge: false,
    resolveKnownTags: false,
    // Keys are compared by the reader of the nodes, who knows their paths.
    uniqueKeys: false,
    prettyErrors: false,
    lineCounter: lines,
  });
  const lineAt = (offset: number): number => Math.max(1, lines.linePos(offset).line);
  // In the order of the text: what comes first is what was slipped.
  const faults = [...document.errors, ...document.warnings].toSorted((a, b) => a.pos[0] - b.pos[0]);
  for (const problem of syntaxProblems(faults, text, lineAt)) problems.push(problem);
  return { document, problems, lineAt };
}

const deepest = 200;

/**
 * The line at which a text nests deeper than any contract, or null. The YAML parser recurses, and
 * an exhausted stack can end the whole process there, which no handler catches.
 */
function tooDeepAt(text: string): number | null {
  let line = 1;
  let flow = 0;
  let block = 0;
  for (const token of new Lexer().lex(text)) {
    if (token === '[' || token === '{') flow += 1;
    else if (token === ']' || token === '}') flow -= 1;
    else if (token === '-' || token === '?') block += 1;
    else if (token.includes('\n')) {
      line += token.split('\n').length - 1;
      block = 0;
    } else if (block === 0 && /^ +$/.test(token)) block = token.length;
    if (flow + block > deepest) return line;
  }
  return null;
}

/** A parsed text while it is converted: `places` gets an entry for every path. */
export interface Conversion extends ParsedText {
  readonly places: Map<string, Place>;
  readonly report: ReportProblem;
}

/** Bounds what aliases of aliases may grow to: what is written out is bounded by its length. */
const mostValues = 100_000;

/**
 * YAML nodes → data. Variables stay where one may stand, and are reported elsewhere. A value that
 * cannot be read is reported and becomes undefined. Own code instead of the library's, because that
 * loses the file's order, a map's doubled names, the difference between `null` and nothing, and a
 * name `__proto__`.
 */
export function convertTree(conversion: Conversion): Data | undefined {
  const { document, report } = conversion;
  if (document.contents === null) {
    report([], 'the file is empty', 'A contract starts with `version: 1` and `artifacts:`.');
    return undefined;
  }
  const walk: Walk = { ...conversion, open: new Set(), resolved: new Map(), aliases: 0, values: 0 };
  return convertNode(walk, document.contents, [], null);
}

interface Walk extends Conversion {
  /** Nodes that are being converted, to see an alias of what it stands in. */
  readonly open: Set<Node>;
  /** What an alias stands for: the library looks through the whole document each time. */
  readonly resolved: Map<Alias, Node | undefined>;
  /** Aliases that are being converted, one in the other. */
  aliases: number;
  /** Values that aliases stand for. */
  values: number;
}

/** `line` is that of the name that the value belongs to; null: the value's own. */
function convertNode(walk: Walk, node: unknown, path: Path, line: number | null): Data | undefined {
  const own = startOf(node) ?? 0;
  const place: Place = { line: line ?? walk.lineAt(own), written: null, names: [] };
  walk.places.set(pathText(path), place);
  if (walk.aliases > 0) walk.values += 1;
  if (walk.values > mostValues) {
    if (walk.values === mostValues + 1) walk.report([], 'the aliases (`*name`) grow too large');
    return undefined;
  }
  if (isAlias(node)) return convertAlias(walk, node, path, place.line);
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

function convertAlias(walk: Walk, alias: Alias, path: Path, line: number): Data | undefined {
  const { resolved, document } = walk;
  if (!resolved.has(alias)) resolved.set(alias, alias.resolve(document));
  const target = resolved.get(alias);
  if (target !== undefined && !walk.open.has(target)) {
    walk.aliases += 1;
    const data = convertNode(walk, target, path, line);
    walk.aliases -= 1;
    return data;
  }
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
  const hint = isAllArtifacts(path)
    ? noArtifactsHint
    : 'Give it one, in quotes where it is a sign such as "#".';
  walk.report(path, 'has no value', hint);
  return undefined;
}

/** Said of a contract whose last artifact was taken out. */
export const noArtifactsHint =
  'A contract without an artifact is none: remove the file too, and the checks that read it.';

/** Whether a path is that of all artifacts of a contract. */
export function isAllArtifacts(path: Path): boolean {
  return path.length === 1 && path[0] === 'artifacts';
}
