/**
 * What a document is made of. A map is an object with members of any names in its order: a plain
 * object would move `2` to the front. Members that are undefined are left out.
 */
export type Json =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly Json[]
  | ReadonlyMap<string, Json>
  | Encoded
  | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json | Spread;
}

/** A value as it stands in a document, on one line. */
export interface Encoded {
  readonly [text]: string;
}
const text: unique symbol = Symbol('text');

/** A value whose text is at hand: made of texts by `jsonText`, because there may be a million of it. */
export function encoded(value: string): Encoded {
  return { [text]: value };
}

/** A value whose members or items stand on lines of their own; its items may come one by one. */
export interface Spread {
  readonly spread: JsonObject | Iterable<Json | Spread>;
}

/** Puts the members of an object, or the items of a list, on lines of their own. */
export function spread(value: JsonObject | Iterable<Json | Spread>): Spread {
  return { spread: value };
}

/** A list whose items are made when they are written, each on a line: there may be a million. */
export function lines<T>(items: Iterable<T>, toJson: (item: T) => Json | Spread): Spread {
  return spread(mapped(items, toJson));
}

/**
 * The one encoder of JSON documents, in chunks: a document may be longer than a string can be.
 * Every item of a spread list is a chunk of its own. The last chunk ends with a newline.
 */
export function* jsonChunks(document: JsonObject): Iterable<string> {
  yield* spreadChunks(spread(document), '');
  yield '\n';
}

/** The same of plain data, every member and every item of it on a line of its own. */
export function* plainChunks(document: object): Iterable<string> {
  const spreadOut = (value: unknown): Json | Spread => {
    if (typeof value !== 'object' || value === null) return scalarOf(value);
    if (Array.isArray(value)) return spread(value.map(spreadOut));
    return spread(
      Object.fromEntries(Object.entries(value).map(([name, one]) => [name, spreadOut(one)])),
    );
  };
  const whole = spreadOut(document);
  if (isSpread(whole)) yield* spreadChunks(whole, '');
  yield '\n';
}

/**
 * A text as `jsonText` has it that comes again with every finding: a name of a column, a kind. Each is
 * quoted once.
 */
export function wordText(word: string): string {
  const known = words.get(word);
  if (known !== undefined) return known;
  const quoted = quote(word);
  // Of names that some writer made up there may be any number.
  if (words.size < mostWords) words.set(word, quoted);
  return quoted;
}

const words = new Map<string, string>();
const mostWords = 1024;

/** A value on one line. What a terminal or a log might obey is escaped, as any JSON reader undoes it. */
export function jsonText(value: Json | Spread): string {
  if (typeof value === 'string') return quote(value);
  if (value === null) return 'null';
  if (typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  if (isEncoded(value)) return value[text];
  if (isSpread(value)) return jsonText(inline(value));
  if (isList(value)) return `[${value.map(jsonText).join(',')}]`;
  let members = '';
  for (const [name, member] of membersOf(value)) {
    if (member === undefined) continue;
    members += `${members === '' ? '' : ','}${quote(name)}:${jsonText(member)}`;
  }
  return `{${members}}`;
}

function* spreadChunks({ spread: value }: Spread, indent: string): Iterable<string> {
  const inner = `${indent}  `;
  const isArray = Symbol.iterator in value;
  const members = isArray ? unnamed(value) : membersOf(value);
  let opening = isArray ? '[' : '{';
  const empty = opening;
  for (const [name, member] of members) {
    if (member === undefined) continue;
    const start = `${opening}\n${inner}${name === null ? '' : `${quote(name)}: `}`;
    opening = ',';
    if (!isSpread(member)) {
      yield start + jsonText(member);
      continue;
    }
    yield start;
    yield* spreadChunks(member, inner);
  }
  const closing = isArray ? ']' : '}';
  yield opening === empty ? empty + closing : `\n${indent}${closing}`;
}

function* unnamed(items: Iterable<Json | Spread>): Iterable<readonly [null, Json | Spread]> {
  for (const item of items) yield [null, item];
}

function* mapped<T>(
  items: Iterable<T>,
  toJson: (item: T) => Json | Spread,
): Iterable<Json | Spread> {
  for (const item of items) yield toJson(item);
}

function membersOf(
  value: ReadonlyMap<string, Json> | JsonObject,
): Iterable<readonly [string, Json | Spread]> {
  return value instanceof Map ? value : Object.entries(value);
}

function isList(value: object): value is readonly Json[] {
  return Array.isArray(value);
}

function isEncoded(value: object): value is Encoded {
  return text in value;
}

function isSpread(value: Json | Spread): value is Spread {
  return typeof value === 'object' && value !== null && 'spread' in value;
}

/** A spread value without its lines. */
function inline({ spread: value }: Spread): Json {
  if (!(Symbol.iterator in value)) return value;
  return Array.from(value, (item) => (isSpread(item) ? inline(item) : item));
}

function scalarOf(value: unknown): Json {
  if (value === undefined) return undefined;
  const isScalar =
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return isScalar ? value : null;
}

/** Most texts need no escape, and a document may have a hundred million of them. */
const plainText = /^[ !$-[\]-~]*$/;

/**
 * What JSON itself leaves raw, and what no terminal and no log should get so: DEL and C1 controls,
 * marks that turn the direction of text, what is invisible, separators of lines.
 */
const unsafe =
  // oxlint-disable-next-line no-control-regex, no-misleading-character-class -- these are what it is about
  /[\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\udb40[\udc00-\udfff]/g;

function quote(value: string): string {
  if (plainText.test(value)) return `"${value}"`;
  return JSON.stringify(value)
    .replace(unsafe, escapeUnits)
    .replace(/##(?=[a-z]*\[)/gi, String.raw`#\u0023`);
}

/** Every code unit as `\uXXXX`, which all JSON readers know. */
export function escapeUnits(value: string): string {
  let escaped = '';
  for (let at = 0; at < value.length; at += 1) {
    escaped += String.raw`\u${value.charCodeAt(at).toString(16).padStart(4, '0')}`;
  }
  return escaped;
}
