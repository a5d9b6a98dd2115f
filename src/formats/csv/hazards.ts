import { isUtf8 } from 'node:buffer';
import type { PlacedCell } from './loose.ts';

/** Where the bytes of a hazard count. */
type Where =
  | 'in quotes'
  | 'anywhere'
  | 'before a quote or at the end of a cell'
  | 'within a quoted value'
  | 'in a cell that does not start with one'
  | 'after an empty quoted value'
  | 'alone in a record'
  | 'at the end of a record'
  | 'at the start of a line, or in a line'
  | 'where the dialect has one'
  | 'in the file'
  | 'in how the file is stored'
  | 'beside another copy';

export type HazardCode =
  | 'COMPRESSED'
  | 'NOT_COMPRESSED'
  | 'ENCODING'
  | 'COLUMN_PLACES'
  | 'HEADER_NAMES'
  | 'HEADER_ALONE'
  | 'BOM'
  | 'LINE_ENDS'
  | 'SNIFFED_TABLE'
  | 'BLANK_LINE'
  | 'BLANK_RECORD'
  | 'COMMENT_SIGN'
  | 'ESCAPE_SIGN'
  | 'BARE_CR'
  | 'QUOTED_LINE_BREAK'
  | 'LINE_SEPARATOR'
  | 'BACKSLASH_QUOTE'
  | 'DOUBLED_QUOTE'
  | 'STRAY_QUOTE'
  | 'QUOTED_DELIMITER'
  | 'NUL_BYTE'
  | 'INVALID_UTF8'
  | 'LONG_VALUE';

/** What known readers take otherwise than this page does. The order is that of findings. */
export interface Hazard {
  readonly code: HazardCode;
  /** For a person: what stands in the copy, and what becomes of it. */
  readonly words: string;
  /** Sequences of bytes, as Latin-1; none where it is no matter of bytes. */
  readonly bytes: readonly string[];
  /** A byte that makes the sequence before it none. */
  readonly butNotBefore?: string;
  readonly where: Where;
}

/** The table of hazards: an entry each. */
export const hazards: readonly Hazard[] = [
  {
    code: 'COMPRESSED',
    words: 'it is compressed, which its name does not say',
    bytes: [],
    where: 'in how the file is stored',
  },
  {
    code: 'NOT_COMPRESSED',
    words: 'its name says that it is compressed, and it is not',
    bytes: [],
    where: 'in how the file is stored',
  },
  {
    code: 'ENCODING',
    words: 'it is not UTF-8, which only its byte order mark says',
    bytes: [],
    where: 'in how the file is stored',
  },
  {
    code: 'COLUMN_PLACES',
    words:
      'a key or consumed column stands at another place than in the reviewed copy, or there are more or fewer columns',
    bytes: [],
    where: 'beside another copy',
  },
  {
    code: 'HEADER_NAMES',
    words:
      'the header names one column to us and another one, or none, to readers that trim names, fold their case, or number doubled ones',
    bytes: [],
    where: 'in the file',
  },
  {
    code: 'HEADER_ALONE',
    words: 'no record follows the header, and a reader refuses it or takes it for a record',
    bytes: [],
    where: 'in the file',
  },
  {
    code: 'BOM',
    words: 'a byte order mark at the start becomes part of the first column',
    bytes: ['\xef\xbb\xbf'],
    where: 'in the file',
  },
  {
    code: 'LINE_ENDS',
    words: 'records end in CR alone, or not all alike',
    bytes: ['\r', '\r\n', '\n'],
    where: 'at the end of a record',
  },
  {
    code: 'SNIFFED_TABLE',
    words:
      'other signs also cut the lines into a table, or quotes start only after its first 20,479 records: a reader that finds the delimiter and quote by itself may take others',
    bytes: ['|', ';', '\t', ',', "'"],
    where: 'in the file',
  },
  {
    code: 'BLANK_LINE',
    words: 'a blank line is an empty row',
    bytes: ['\n', '\r'],
    where: 'in the file',
  },
  {
    code: 'BLANK_RECORD',
    words: 'a record of blanks is left out',
    bytes: [' ', '\t'],
    where: 'alone in a record',
  },
  {
    code: 'COMMENT_SIGN',
    words: 'a comment sign is read as text, or text after it as a comment',
    bytes: ['#'],
    where: 'at the start of a line, or in a line',
  },
  {
    code: 'ESCAPE_SIGN',
    words: 'an escape sign is read as text, or what follows it as escaped',
    bytes: [],
    where: 'where the dialect has one',
  },
  {
    code: 'BARE_CR',
    words: 'a value holds a carriage return without a line feed',
    bytes: ['\r'],
    butNotBefore: '\n',
    where: 'in quotes',
  },
  {
    code: 'QUOTED_LINE_BREAK',
    words: 'a quoted value holds a line break, at which the row ends',
    bytes: ['\n'],
    where: 'in quotes',
  },
  {
    code: 'LINE_SEPARATOR',
    words: 'a value holds U+2028, U+2029, U+0085, VT, FF, FS, GS or RS, at which the row ends',
    bytes: ['\xe2\x80\xa8', '\xe2\x80\xa9', '\xc2\x85', '\v', '\f', '\x1c', '\x1d', '\x1e'],
    where: 'anywhere',
  },
  {
    code: 'BACKSLASH_QUOTE',
    words: 'a backslash before a quote, or at the end of a value, takes its meaning',
    bytes: ['\\'],
    where: 'before a quote or at the end of a cell',
  },
  {
    code: 'DOUBLED_QUOTE',
    words: 'a doubled quote in a value is not read as one quote',
    bytes: ['""'],
    where: 'within a quoted value',
  },
  {
    code: 'STRAY_QUOTE',
    words: 'a quote stands in a value that does not start with one',
    bytes: ['"'],
    where: 'in a cell that does not start with one',
  },
  {
    code: 'QUOTED_DELIMITER',
    words:
      'a quoted value starts with the delimiter, after an empty quoted one: a reader that leaves columns out takes them for one',
    bytes: ['",'],
    where: 'after an empty quoted value',
  },
  {
    code: 'NUL_BYTE',
    words: 'a value holds a NUL byte',
    bytes: ['\0'],
    where: 'anywhere',
  },
  {
    code: 'INVALID_UTF8',
    words: 'a value is no UTF-8',
    bytes: [],
    where: 'anywhere',
  },
  {
    code: 'LONG_VALUE',
    words: 'a value, or a record, is longer than a reader takes',
    bytes: [],
    where: 'anywhere',
  },
];

/** A record, or the header, as hazards are looked for in it. Latin-1. */
export interface SuspectRecord {
  /** Without its line end. */
  readonly text: string;
  readonly cells: readonly PlacedCell[];
  readonly delimiter: string;
  readonly quote: string | null;
  readonly comment: string | null;
  readonly escape: string | null;
  /** Whether it starts with the sign that a reader may guess to be that of comments. */
  readonly startsAsComment: boolean;
  /** Whether its line end is another than the file's first. */
  readonly endsOtherwise: boolean;
}

/** Characters from which on a value may be too long for a reader. */
export const longValue = 65_535;
/** Bytes from which on a record may be. */
const longRecord = 1 << 20;

const byCode = new Map(hazards.map((hazard) => [hazard.code, hazard]));

/** The hazards of a record, in the table's order; of these codes only, where they are given. */
export function hazardsIn(
  record: SuspectRecord,
  codes: Iterable<HazardCode> = byCode.keys(),
): readonly HazardCode[] {
  return Array.from(codes).filter((code) => stands(byCode.get(code)!, record));
}

function stands(hazard: Hazard, record: SuspectRecord): boolean {
  const { text, cells, quote, comment } = record;
  const some = (test: (cell: PlacedCell) => boolean): boolean => cells.some(test);
  if (hazard.code === 'INVALID_UTF8') {
    return !isAscii.test(text) && some(({ raw }) => !isUtf8(Buffer.from(raw, 'latin1')));
  }
  if (hazard.code === 'LONG_VALUE') {
    if (text.length <= longValue) return false;
    return text.length > longRecord || some(({ raw }) => raw.length > longValue);
  }
  if (hazard.code === 'COMMENT_SIGN') {
    return record.startsAsComment || (comment !== null && some(({ raw }) => raw.includes(comment)));
  }
  switch (hazard.where) {
    case 'where the dialect has one':
      return record.escape !== null && text.includes(record.escape);
    case 'anywhere':
      return (
        occurs(hazard, text) && some(({ raw }) => hazard.bytes.some((bytes) => raw.includes(bytes)))
      );
    case 'in quotes':
      return (
        occurs(hazard, text) &&
        some(({ raw, quoted }) => quoted && hazard.bytes.some((bytes) => holds(raw, bytes, hazard)))
      );
    case 'before a quote or at the end of a cell':
      return (
        quote !== null &&
        record.escape !== '\\' &&
        occurs(hazard, text) &&
        some(({ raw }) => endsInBackslash(raw, quote))
      );
    case 'within a quoted value':
      return (
        quote !== null &&
        record.escape === null &&
        text.includes(quote) &&
        some(({ value, quoted }) => quoted && value.includes(quote))
      );
    case 'in a cell that does not start with one':
      return quote !== null && some(({ raw, quoted }) => !quoted && raw.includes(quote));
    case 'after an empty quoted value': {
      const first = cells.findIndex(({ value, quoted }) => quoted && value === '');
      const startsSo = ({ value, quoted }: PlacedCell): boolean =>
        quoted && value.startsWith(record.delimiter);
      return first >= 0 && cells.slice(first).some(startsSo);
    }
    case 'alone in a record':
      return cells.every(({ raw }) => raw.trim() === '') && some(({ raw }) => raw !== '');
    case 'at the end of a record':
      return record.endsOtherwise;
    case 'at the start of a line, or in a line':
    case 'in the file':
    case 'in how the file is stored':
    case 'beside another copy':
      return false;
  }
}

const isAscii = /^[^\x80-\xff]*$/;

/** Whether some of a hazard's bytes stand in a record at all: most do not. */
function occurs({ bytes }: Hazard, text: string): boolean {
  return bytes.some((one) => text.includes(one));
}

function holds(raw: string, bytes: string, { butNotBefore }: Hazard): boolean {
  for (let at = raw.indexOf(bytes); at >= 0; at = raw.indexOf(bytes, at + 1)) {
    if (butNotBefore === undefined || !raw.startsWith(butNotBefore, at + bytes.length)) return true;
  }
  return false;
}

function endsInBackslash(raw: string, quote: string): boolean {
  return raw.endsWith('\\') || raw.includes(`\\${quote}`) || raw.includes('\\\\');
}
