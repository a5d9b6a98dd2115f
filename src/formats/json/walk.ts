import type { Fail, MemberReader } from './members.ts';

/** Sees each child of an array or object: where its value starts, its place, and its name. */
type Visit = (at: number, place: number, name: string | null) => void;

/**
 * Visits the children of the array or object that starts at `at`, checking all of them; gives the
 * byte after it. Throws for one name twice.
 */
export function eachChild(
  bytes: Buffer,
  at: number,
  reader: MemberReader,
  fail: Fail,
  visit: Visit,
): number {
  const isObject = bytes[at] === 0x7b;
  const closing = isObject ? 0x7d : 0x5d;
  const names = new Set<string>();
  let next = space(bytes, at + 1);
  if (bytes[next] === closing) return next + 1;
  for (let place = 0; ; place += 1) {
    let name: string | null = null;
    if (isObject) {
      if (bytes[next] !== 0x22) fail('JSON_INVALID', next, 'no name of a member here');
      const end = reader.skip(bytes, next, bytes.length);
      name = nameOf(bytes, next, end, fail);
      if (names.has(name)) {
        fail('MEMBER_DOUBLED', next, `the member ${JSON.stringify(name)} stands twice`);
      }
      names.add(name);
      next = space(bytes, end);
      if (bytes[next] !== 0x3a) fail('JSON_INVALID', next, 'no colon here');
      next = space(bytes, next + 1);
    }
    visit(next, place, name);
    next = space(bytes, reader.skip(bytes, next, bytes.length));
    if (bytes[next] === closing) return next + 1;
    if (bytes[next] !== 0x2c) fail('JSON_INVALID', next, 'no comma or closing bracket here');
    next = space(bytes, next + 1);
  }
}

/**
 * Where the value stands that a JSON Pointer (RFC 6901) names. The whole document is checked: what
 * stands before the value, after it and beside it.
 */
export function findValue(
  bytes: Buffer,
  pointer: string,
  reader: MemberReader,
  fail: Fail,
): number {
  const root = space(bytes, 0);
  if (root >= bytes.length) fail('JSON_INVALID', root, 'the file is empty');
  const end = space(bytes, reader.skip(bytes, root, bytes.length));
  if (end < bytes.length)
    fail('JSON_INVALID', end, 'something stands after the end of the document');
  let at = root;
  const tokens = pointer.split('/').slice(1);
  for (const token of tokens) {
    const wanted = token.replaceAll('~1', '/').replaceAll('~0', '~');
    let found = -1;
    if (bytes[at] === 0x7b || bytes[at] === 0x5b) {
      eachChild(bytes, at, reader, fail, (start, place, name) => {
        if ((name ?? String(place)) === wanted) found = start;
      });
    }
    if (found < 0) fail('NOT_RECORDS', at, `${pointer} names nothing in this document`);
    at = found;
  }
  return at;
}

function nameOf(bytes: Buffer, at: number, end: number, fail: Fail): string {
  const text: unknown = JSON.parse(bytes.toString('utf8', at, end));
  return typeof text !== 'string' || /[\p{Surrogate}\0\uFFFD]/u.test(text)
    ? fail('JSON_INVALID', at, 'the name of a member is no text')
    : text;
}

function space(bytes: Buffer, at: number): number {
  let next = at;
  while (next < bytes.length && spaces.has(bytes[next]!)) next += 1;
  return next;
}

const spaces: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);
