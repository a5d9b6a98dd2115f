import { pause } from '../../model/index.ts';
import type { Fail, MemberReader } from './members.ts';

/**
 * Sees each child of an array or object: where its value starts, its place, and its name. Gives the
 * byte after it where it has read it, which is then not checked again.
 */
type Visit = (at: number, place: number, name: string | null) => Promise<number> | void;

/** Bytes that are looked at between two turns of the event loop. */
const bytesATurn = 1 << 20;

/**
 * Visits the children of the array or object that starts at `at`, checking all of them; gives the
 * byte after it. Throws for one name twice.
 */
export async function eachChild(
  bytes: Buffer,
  at: number,
  reader: MemberReader,
  fail: Fail,
  visit: Visit,
): Promise<number> {
  const isObject = bytes[at] === 0x7b;
  const closing = isObject ? 0x7d : 0x5d;
  const names = new Set<string>();
  let next = space(bytes, at + 1);
  if (bytes[next] === closing) return next + 1;
  let paused = next;
  for (let place = 0; ; place += 1) {
    if (next - paused > bytesATurn) {
      await pause();
      paused = next;
    }
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
    const after = visit(next, place, name);
    next = space(bytes, (await after) ?? reader.skip(bytes, next, bytes.length));
    if (bytes[next] === closing) return next + 1;
    if (bytes[next] !== 0x2c) fail('JSON_INVALID', next, 'no comma or closing bracket here');
    next = space(bytes, next + 1);
  }
}

/**
 * Hands over where the value stands that a JSON Pointer (RFC 6901) names. The whole document is
 * checked: what stands before the value, after it and beside it.
 */
export async function findValue(
  bytes: Buffer,
  pointer: string,
  reader: MemberReader,
  fail: Fail,
  read: (at: number) => Promise<number>,
): Promise<void> {
  const root = space(bytes, 0);
  if (root >= bytes.length) fail('JSON_INVALID', root, 'the file is empty');
  const tokens = pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
  const descend = async (at: number, depth: number): Promise<number> => {
    if (depth === tokens.length) return read(at);
    const nothing = (): never =>
      fail('NOT_RECORDS', at, `${pointer} names nothing in this document`);
    if (bytes[at] !== 0x7b && bytes[at] !== 0x5b) {
      await checkRest(bytes, root, reader, fail);
      return nothing();
    }
    let found = false;
    const end = await eachChild(bytes, at, reader, fail, (start, place, name) => {
      if ((name ?? String(place)) !== tokens[depth]) return undefined;
      found = true;
      return descend(start, depth + 1);
    });
    return found ? end : nothing();
  };
  checkEnd(bytes, await descend(root, 0), fail);
}

/** Checks a whole document: what is cut off or damaged is said before what it holds. */
export async function checkRest(
  bytes: Buffer,
  root: number,
  reader: MemberReader,
  fail: Fail,
): Promise<void> {
  const isNested = bytes[root] === 0x7b || bytes[root] === 0x5b;
  const end = isNested
    ? await eachChild(bytes, root, reader, fail, () => undefined)
    : reader.skip(bytes, root, bytes.length);
  checkEnd(bytes, end, fail);
}

function checkEnd(bytes: Buffer, at: number, fail: Fail): void {
  const end = space(bytes, at);
  if (end === bytes.length) return;
  fail('JSON_INVALID', end, 'something stands after the end of the document');
}

function nameOf(bytes: Buffer, at: number, end: number, fail: Fail): string {
  const text: unknown = JSON.parse(bytes.toString('utf8', at, end));
  return typeof text !== 'string' || /[\p{Surrogate}\0\uFFFD]/u.test(text)
    ? fail('JSON_INVALID', at, 'the name of a member is no text')
    : text;
}

/** The next byte that is no blank. */
export function space(bytes: Buffer, at: number): number {
  let next = at;
  while (next < bytes.length && spaces.has(bytes[next]!)) next += 1;
  return next;
}

const spaces: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);
