import { tooLarge, type ReadLimits } from '../../model/index.ts';
import { decodeText } from '../text.ts';

/** What makes bytes no JSON records. */
export type JsonFault = 'JSON_INVALID' | 'NOT_RECORDS' | 'MEMBER_DOUBLED' | 'TOO_LARGE';

/** Throws the fault that begins at a byte of the buffer, with the place that its table gives it. */
export type Fail = (code: JsonFault, at: number, message: string) => never;

/** Reads JSON records, one at a time; what a cell is stays known until the next one is read. */
export interface MemberReader {
  /** Dotted names of members so far, in the order in which they were first met. */
  readonly columns: readonly string[];
  /** Reads the record that starts at `at`; gives the byte after it. */
  read(bytes: Buffer, at: number, end: number): number;
  /** Reads a value that is no object as a record of one cell; gives the byte after it. */
  readScalar(bytes: Buffer, at: number, end: number, column: number): number;
  /** Walks over any value that starts at `at`, checking it; gives the byte after it. */
  skip(bytes: Buffer, at: number, end: number): number;
  /** Bytes of the longest cell of the record that was read last, as it stands. */
  longest(): number;
  /** Adds a column that no member has, such as that of an object's keys. */
  addColumn(name: string): number;
  /** Gives such a column its text in the record that was read last. */
  setText(column: number, text: string): void;
  /** Where the scalars of the record that was read last stand, as they come. */
  readonly scalars: () => readonly Scalar[];
  /** Takes note that some record has a value in a column. */
  readonly setValued: (column: number) => void;
  /** Whether any record so far had a value in a column that is not null. */
  hasValue(column: number): boolean;
  /** The text of a cell; null: it is null or absent; undefined: it is no UTF-8, or holds a NUL. */
  text(column: number): string | null | undefined;
}

/** A value that is no object and no array: its bytes, those between the quotes of a text. */
export interface Scalar {
  readonly column: number;
  readonly start: number;
  readonly end: number;
}

/** Deeper than this nobody nests a support file; a stack has its bound. */
export const mostDepth = 64;

const NONE = 0;
const PLAIN = 1;
const ESCAPED = 2;
const GIVEN = 3;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;

/** A member name as it stood at this place of the record before: records of a file are alike. */
interface Expected {
  /** The name's bytes with their quotes. */
  readonly bytes: Buffer;
  readonly name: string;
  /** Column of a scalar; -1: not known yet. */
  column: number;
}

export function createMemberReader(fail: Fail, limits: ReadLimits): MemberReader {
  const mostColumns = limits.columns;
  let longest = 0;
  const columns: string[] = [];
  const indexes = new Map<string, number>();
  const expected: Expected[] = [];
  let kinds = new Uint8Array(64);
  let starts = new Float64Array(64);
  let ends = new Float64Array(64);
  let seen = new Uint32Array(64);
  const given: string[] = [];
  const valued: boolean[] = [];
  let turn = 0;
  let bytes: Buffer = Buffer.alloc(0);
  let limit = 0;

  const columnOf = (name: string): number => {
    const known = indexes.get(name);
    if (known !== undefined) return known;
    if (columns.length >= mostColumns) {
      const what = `the records have more than ${mostColumns} members`;
      throw tooLarge('columns', mostColumns, what);
    }
    const column = columns.push(name) - 1;
    indexes.set(name, column);
    if (column >= kinds.length) grow();
    return column;
  };
  const grow = (): void => {
    const size = 2 * kinds.length;
    const [oldKinds, oldStarts, oldEnds, oldSeen] = [kinds, starts, ends, seen];
    kinds = new Uint8Array(size);
    starts = new Float64Array(size);
    ends = new Float64Array(size);
    seen = new Uint32Array(size);
    kinds.set(oldKinds);
    starts.set(oldStarts);
    ends.set(oldEnds);
    seen.set(oldSeen);
  };
  const set = (column: number, kind: number, start: number, end: number): void => {
    if (seen[column] === turn) {
      fail('MEMBER_DOUBLED', start, `the member ${JSON.stringify(columns[column])} stands twice`);
    }
    seen[column] = turn;
    if (kind !== NONE) valued[column] = true;
    longest = Math.max(longest, end - start);
    kinds[column] = kind;
    starts[column] = start;
    ends[column] = end;
  };

  const space = (at: number): number => {
    let next = at;
    for (; next < limit; next += 1) {
      const byte = bytes[next]!;
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
    }
    return next;
  };
  const unexpected = (at: number, wanted: string): never =>
    fail('JSON_INVALID', at, at >= limit ? `${wanted} is missing at the end` : `no ${wanted} here`);

  /** The byte after a string whose opening quote is at `at`. */
  let escaped = false;
  const string = (at: number): number => {
    escaped = false;
    for (let next = at + 1; next < limit; next += 1) {
      const byte = bytes[next]!;
      if (byte === QUOTE) return next + 1;
      if (byte < 0x20) fail('JSON_INVALID', next, 'a control character stands in a string');
      if (byte !== BACKSLASH) continue;
      escaped = true;
      next += 1;
      const sign = bytes[next]!;
      if (sign === 0x75) {
        for (let digit = 1; digit <= 4; digit += 1) {
          if (next + digit >= limit || !isHex(bytes[next + digit]!)) {
            fail('JSON_INVALID', next - 1, 'an escape in a string is none');
          }
        }
        next += 4;
      } else if (next >= limit || !escapes.has(sign)) {
        fail('JSON_INVALID', next - 1, 'an escape in a string is none');
      }
    }
    return fail('JSON_INVALID', at, 'a string is never closed');
  };
  const number = (at: number): number => {
    let next = at;
    if (bytes[next] === 0x2d) next += 1;
    if (bytes[next] === 0x30 && next < limit) next += 1;
    else next = digits(next);
    if (next < limit && bytes[next] === 0x2e) next = digits(next + 1);
    if (next < limit && (bytes[next]! | 0x20) === 0x65) {
      next += 1;
      if (next < limit && (bytes[next] === 0x2b || bytes[next] === 0x2d)) next += 1;
      next = digits(next);
    }
    return next;
  };
  const digits = (at: number): number => {
    let next = at;
    while (next < limit && bytes[next]! >= 0x30 && bytes[next]! <= 0x39) next += 1;
    if (next === at) fail('JSON_INVALID', at, 'a value is neither text, number nor word');
    return next;
  };
  const word = (at: number, text: Buffer): number => {
    const end = at + text.length;
    if (end > limit || bytes.compare(text, 0, text.length, at, end) !== 0) {
      fail('JSON_INVALID', at, 'a value is neither text, number nor word');
    }
    return end;
  };
  const name = (start: number, end: number): string => {
    const text = textOf(start, end, escaped ? ESCAPED : PLAIN);
    return text ?? fail('JSON_INVALID', start, 'the name of a member is no text');
  };
  const textOf = (start: number, end: number, kind: number): string | undefined => {
    if (kind === PLAIN) return decodeText(bytes.subarray(start, end)) ?? undefined;
    const source = decodeText(bytes.subarray(start - 1, end + 1));
    if (source === null) return undefined;
    // The escapes were checked; what they give may still be half a character, or a NUL.
    const text: unknown = JSON.parse(source);
    return typeof text !== 'string' || /[\p{Surrogate}\0]/u.test(text) ? undefined : text;
  };

  /** Any value; where `column` is not negative a scalar is that cell, else it is only checked. */
  const value = (at: number, prefix: string | null, column: number, depth: number): number => {
    const byte = at < limit ? bytes[at]! : 0;
    if (byte === QUOTE) {
      const end = string(at);
      if (column >= 0) set(column, escaped ? ESCAPED : PLAIN, at + 1, end - 1);
      return end;
    }
    if (byte === 0x7b) return members(at, prefix, depth + 1);
    if (byte === 0x5b) return elements(at, prefix, depth + 1);
    if (byte === 0x74) return plain(at, word(at, words.true), column);
    if (byte === 0x66) return plain(at, word(at, words.false), column);
    if (byte === 0x6e) {
      const end = word(at, words.null);
      if (column >= 0) set(column, NONE, at, end);
      return end;
    }
    return plain(at, number(at), column);
  };
  const plain = (at: number, end: number, column: number): number => {
    if (column >= 0) set(column, PLAIN, at, end);
    return end;
  };
  const isNested = (at: number): boolean => bytes[at] === 0x7b || bytes[at] === 0x5b;
  const tooDeep = (at: number): never =>
    fail('TOO_LARGE', at, `values are nested more than ${mostDepth} deep`);

  /** An object; with a prefix its scalars are cells, named by it. */
  const members = (at: number, prefix: string | null, depth: number): number => {
    if (depth > mostDepth) tooDeep(at);
    let next = space(at + 1);
    if (bytes[next] === 0x7d && next < limit) return next + 1;
    for (let place = 0; ; place += 1) {
      if (bytes[next] !== QUOTE || next >= limit) unexpected(next, 'name of a member');
      const known = depth === 1 && prefix !== null ? matching(next, place) : null;
      const end = known === null ? string(next) : next + known.bytes.length;
      const own = known?.name ?? (prefix === null ? '' : prefix + name(next + 1, end - 1));
      const keyEnd = end;
      const start = space(keyEnd);
      if (bytes[start] !== COLON || start >= limit) unexpected(start, 'colon');
      const from = space(start + 1);
      if (prefix === null) next = value(from, null, -1, depth);
      else if (isNested(from)) next = value(from, `${own}.`, -1, depth);
      else {
        const column = known !== null && known.column >= 0 ? known.column : columnOf(own);
        if (known !== null) known.column = column;
        else if (depth === 1) remember(place, next, keyEnd, own, column);
        next = value(from, prefix, column, depth);
      }
      next = space(next);
      const sign = next < limit ? bytes[next] : 0;
      if (sign === 0x7d) return next + 1;
      if (sign !== COMMA) unexpected(next, 'comma or closing brace');
      next = space(next + 1);
    }
  };
  const elements = (at: number, prefix: string | null, depth: number): number => {
    if (depth > mostDepth) tooDeep(at);
    let next = space(at + 1);
    if (bytes[next] === 0x5d && next < limit) return next + 1;
    for (let place = 0; ; place += 1) {
      if (prefix === null) next = value(next, null, -1, depth);
      else if (isNested(next)) next = value(next, `${prefix}${place}.`, -1, depth);
      else next = value(next, prefix, columnOf(`${prefix}${place}`), depth);
      next = space(next);
      const sign = next < limit ? bytes[next] : 0;
      if (sign === 0x5d) return next + 1;
      if (sign !== COMMA) unexpected(next, 'comma or closing bracket');
      next = space(next + 1);
    }
  };
  const matching = (at: number, place: number): Expected | null => {
    const known = expected[place];
    if (known === undefined) return null;
    const { length } = known.bytes;
    if (at + length > limit) return null;
    for (let index = 1; index < length; index += 1) {
      if (bytes[at + index] !== known.bytes[index]) return null;
    }
    return known;
  };
  const remember = (place: number, at: number, end: number, own: string, column: number): void => {
    if (place < mostColumns) {
      expected[place] = { bytes: Buffer.from(bytes.subarray(at, end)), name: own, column };
    }
  };
  const begin = (from: Buffer, end: number): void => {
    bytes = from;
    limit = end;
  };

  return {
    columns,
    read(from, at, end) {
      begin(from, end);
      turn += 1;
      longest = 0;
      if (from[at] !== 0x7b) fail('NOT_RECORDS', at, 'a record is no object');
      return members(at, '', 1);
    },
    readScalar(from, at, end, column) {
      begin(from, end);
      turn += 1;
      longest = 0;
      if (at < end && isNested(at)) fail('NOT_RECORDS', at, 'a record is no object');
      return value(at, null, column, 0);
    },
    skip(from, at, end) {
      begin(from, end);
      return value(at, null, -1, 0);
    },
    longest: () => longest,
    addColumn: (own) => columnOf(own),
    setText(column, text) {
      set(column, GIVEN, 0, 0);
      given[column] = text;
    },
    scalars: () =>
      columns
        .flatMap((_, column) =>
          seen[column] === turn ? [{ column, start: starts[column]!, end: ends[column]! }] : [],
        )
        .sort((one, other) => one.start - other.start),
    setValued(column) {
      valued[column] = true;
    },
    hasValue: (column) => valued[column] === true,
    text(column) {
      if (seen[column] !== turn || kinds[column] === NONE) return null;
      if (kinds[column] === GIVEN) return given[column]!;
      return textOf(starts[column]!, ends[column]!, kinds[column]!);
    },
  };
}

const words = {
  true: Buffer.from('true'),
  false: Buffer.from('false'),
  null: Buffer.from('null'),
};

/** What may stand after a backslash, but for `u`. */
const escapes: ReadonlySet<number> = new Set(Buffer.from('"\\/bfnrt'));

function isHex(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);
}
