/** A member of a JSON object: its name, and its value as JSON text. */
export type Member = readonly [name: string, text: string];

/**
 * A JSON object of members in this order. An object would lose `__proto__` and move `2` to the
 * front, hence text from tuples.
 */
export function objectText(members: readonly Member[]): string {
  return `{${members.map((member) => memberText(member)).join(',')}}`;
}

/** A JSON array of values that are JSON text already. */
export function arrayText(values: readonly string[]): string {
  return `[${values.join(',')}]`;
}

/** One member, `"name":value`. */
export function memberText([name, text]: Member, colon: ':' | ': ' = ':'): string {
  return quote(name) + colon + text;
}

/** A scalar; lone surrogates come out as escapes, so that the whole is well-formed UTF-8. */
export function scalar(value: string | number | boolean | null): string {
  return typeof value === 'string' ? quote(value) : JSON.stringify(value);
}

/** A value that may be absent, as JSON text. */
export function orNull<T>(value: T | null, toText: (value: T) => string): string {
  return value === null ? 'null' : toText(value);
}

/** Most texts need no escape, and a report may have a hundred million of them. */
const plainText = /^[ !#-[\]-~]*$/;

function quote(text: string): string {
  return plainText.test(text) ? `"${text}"` : JSON.stringify(text);
}

/** Members on lines of their own. */
export function membersText(members: readonly Member[], indent: string): string {
  return members.map((member) => indent + memberText(member, ': ')).join(',\n');
}

/**
 * A JSON array in chunks, each item on a line and in a chunk of its own: a million of them are
 * longer than a string can be. `indent` is that of the line it starts on.
 */
export function* arrayChunks<T>(
  items: Iterable<T>,
  toText: (item: T) => string,
  indent: string,
): Iterable<string> {
  let opening = '[';
  for (const item of items) {
    yield `${opening}\n${indent}  ${toText(item)}`;
    opening = ',';
  }
  yield opening === '[' ? '[]' : `\n${indent}]`;
}
