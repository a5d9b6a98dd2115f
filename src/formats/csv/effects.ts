import { createHash, randomBytes } from 'node:crypto';
import type { EffectsRequest, HazardEffects, ReaderEffects } from '../../model/index.ts';
import { writtenAnew } from './anew.ts';
import { createBrokenTest, type BrokenRecords } from './glance.ts';
import { hazards, hazardsIn, type HazardCode } from './hazards.ts';
import { endOf, lineEnds, splitHead } from './line-ends.ts';
import { createDoubledTrier, tryLateDoubled, tryLateQuotes } from './late-quotes.ts';
import { createRecordCutter, signsOf } from './loose.ts';
import { createReaders, type ReadRecord } from './read-as.ts';
import type { Reading } from './readers.ts';
import {
  createRecordTrier,
  type Add,
  type Otherwise,
  type RecordTrier,
  type TriedCopy,
} from './record-effects.ts';
import type { LineEnd } from './scan.ts';
import { createEnoughTest, tryUntilEnough } from './enough.ts';
import { couldSniffOtherwise, sampleBytes } from './sniff.ts';

/** What these readings make of a copy otherwise than this page does: SPEC §2, "Ambiguous". */
export async function effectsOf(
  copy: TriedCopy,
  readings: readonly Reading[],
  form: EffectsRequest['form'],
): Promise<ReaderEffects> {
  const stored = await createTrial(copy, readings);
  const anew = form === 'stored' ? null : writtenAnew(copy, form);
  const written = anew === null ? null : await createTrial(anew, readings);
  const cut = createRecordCutter(signsOf(copy.dialect));
  const broken =
    copy.known === 'counted' && anew === null ? createBrokenTest(copy, readings) : null;
  let counted = 0;
  const decided = written?.found ?? stored.found;
  if (copy.file === 'tried') {
    await tryLateDoubled(copy, readings, adderTo(stored.found));
    if (anew !== null) {
      const write = (raw: string): string => anew.write(cut(raw).cells);
      await tryLateDoubled(anew, readings, adderTo(written!.found), write);
    }
  }
  const late = await tryUntilEnough(copy.late, copy.enough, decided, async (some) => {
    await tryLateQuotes(copy, some, readings, adderTo(stored.found));
    return some.length;
  });
  const untried = await tryUntilEnough(copy.records, copy.enough, decided, async (some) => {
    let tried = 0;
    await copy.reread(some, (raw, record) => {
      if (broken?.test(raw) === true) {
        counted |= addBroken(stored.found, broken, record);
        return;
      }
      tried += 1;
      stored.tryRecord(record, raw);
      if (anew !== null) written!.tryRecord(record, anew.write(cut(raw).cells));
    });
    return tried;
  });
  // A record may be one of both.
  const left = Math.max(late, untried);
  return {
    ...(counted === 0 ? {} : { counted: { hazard: brokenHazard, readers: counted } }),
    ...(left === 0 ? {} : { untried: left }),
    readers: readings.map(({ name }) => name),
    hazards:
      written === null
        ? told(stored.found, readings, false)
        : [...told(written.found, readings, false), ...told(stored.found, readings, true)],
  };
}

/** Tries a copy as a file; then its records, as they are given. */
async function createTrial(
  copy: TriedCopy,
  readings: readonly Reading[],
): Promise<{ readonly found: FoundByCode; readonly tryRecord: RecordTrier }> {
  const found: FoundByCode = new Map();
  const add = adderTo(found);
  if (copy.file === 'tried') await tryWhole(copy, readings, add);
  return { found, tryRecord: createRecordTrier(copy, readings, add) };
}

function adderTo(found: FoundByCode): Add {
  return (code, record, outcomes) => addFound(found, code, record, outcomes);
}

async function tryWhole(copy: TriedCopy, readings: readonly Reading[], add: Add): Promise<void> {
  tryFile(copy, readings, add);
  await trySniff(copy, readings, add);
  if (copy.dialect.names === null) tryHeader(copy, readings, add);
}

/**
 * The same of a copy whose records are known as they are handed over only, in canonical CSV, and not
 * as bytes: `read` gives them, and tells how many there are and how they start.
 */
export async function effectsOfWritten(
  copy: TriedCopy,
  readings: readonly Reading[],
  read: (tryRecord: RecordTrier) => Promise<Pick<TriedCopy, 'rows' | 'head'>>,
): Promise<ReaderEffects> {
  const found: FoundByCode = new Map();
  const add = adderTo(found);
  const tryRecord = createRecordTrier(copy, readings, add);
  const lookForDoubled = createDoubledTrier(copy, readings, add);
  const isEnough = createEnoughTest(copy.enough, found);
  let untried = 0;
  const seen = await read((record, raw) => {
    lookForDoubled(record, raw);
    if (isEnough()) untried += 1;
    else tryRecord(record, raw);
  });
  await tryWhole({ ...copy, ...seen }, readings, add);
  return {
    ...(untried === 0 ? {} : { untried }),
    readers: readings.map(({ name }) => name),
    hazards: told(found, readings, false),
  };
}

function told(
  found: FoundByCode,
  readings: readonly Reading[],
  inSpelling: boolean,
): readonly HazardEffects[] {
  return hazards.map(({ code, words, where }) => {
    const entry = found.get(code) ?? nothingFound(readings);
    const groups = [...entry.groups].map(([bits, group]) => ({ readers: bits, ...group }));
    const onlyBeside = where === 'beside another copy';
    const warned = where === 'in how the file is stored' ? { isWarnedOf: true as const } : {};
    const { byReader } = entry;
    return { hazard: code, words, onlyBeside, ...warned, inSpelling, byReader, groups };
  });
}

/** Records of a hazard that are named. */
const shownRecords = 20;

interface Found {
  readonly byReader: readonly {
    count: number;
    silent: number;
    sum: bigint;
    ofFile: bigint;
  }[];
  readonly groups: Map<number, { records: number; readonly shown: number[] }>;
}

type FoundByCode = Map<HazardCode, Found>;

function nothingFound(readings: readonly unknown[]): Found {
  return {
    byReader: readings.map(() => ({ count: 0, silent: 0, sum: 0n, ofFile: 0n })),
    groups: new Map(),
  };
}

/** Chosen at random for each process: who writes a file cannot know which sums are equal. */
const seed = randomBytes(16);

function hashOf(text: string): bigint {
  const digest = createHash('sha256').update(seed).update(text).digest();
  return digest.readBigUInt64LE(0) | (digest.readBigUInt64LE(8) << 64n);
}

function addFound(
  found: FoundByCode,
  code: HazardCode,
  record: number,
  outcomes: readonly (Otherwise | null)[],
): void {
  let bits = 0;
  outcomes.forEach((outcome, bit) => (bits |= outcome === null ? 0 : 1 << bit));
  if (bits === 0) return;
  const entry = found.get(code) ?? nothingFound(outcomes);
  found.set(code, entry);
  // Readers that err, mostly err alike.
  const hashes = new Map<string, bigint>();
  outcomes.forEach((outcome, bit) => {
    if (outcome === null) return;
    const tried = entry.byReader[bit]!;
    tried.count += 1;
    tried.silent += outcome.loud ? 0 : 1;
    const hash = hashes.get(outcome.detail) ?? hashOf(outcome.detail);
    hashes.set(outcome.detail, hash);
    tried.sum = BigInt.asUintN(128, tried.sum + hash);
    if (record === 0) tried.ofFile = BigInt.asUintN(128, tried.ofFile + hash);
  });
  addToGroup(entry, bits, record);
}

const brokenHazard = 'QUOTED_LINE_BREAK';

/** Counts such a record, without its sum; gives the readers of its effects, as bits. */
function addBroken(found: FoundByCode, { outcomes }: BrokenRecords, record: number): number {
  let bits = 0;
  outcomes.forEach((outcome, bit) => (bits |= outcome === 'alike' ? 0 : 1 << bit));
  if (bits === 0) return 0;
  const entry = found.get(brokenHazard) ?? nothingFound(outcomes);
  found.set(brokenHazard, entry);
  outcomes.forEach((outcome, bit) => {
    if (outcome === 'alike') return;
    const tried = entry.byReader[bit]!;
    tried.count += 1;
    tried.silent += outcome === 'stops' ? 0 : 1;
  });
  addToGroup(entry, bits, record);
  return bits;
}

function addToGroup({ groups }: Found, bits: number, record: number): void {
  const group = groups.get(bits) ?? { records: 0, shown: [] };
  groups.set(bits, group);
  // The file as a whole, and the header, are no records.
  if (record === 0) return;
  group.records += 1;
  if (group.shown.length < shownRecords) group.shown.push(record);
}

/** What comes of bytes that are no text: a header is not found in them, nor is all of it UTF-8. */
function ofOtherBytes({ columns, stopsAt }: Reading): 'loud' | 'silent' {
  return columns === 'by name' || stopsAt.has('INVALID_UTF8') ? 'loud' : 'silent';
}

/** Hazards of the file as a whole: how it is stored, where columns stand, how lines end, blank and comment lines. */
function tryFile(copy: TriedCopy, readings: readonly Reading[], add: Add): void {
  const { needed, columns, suspects, bom, dialect, header, separator } = copy;
  const tell = (
    code: HazardCode,
    detail: string,
    isOtherwise: (reading: Reading) => 'loud' | 'silent' | null,
  ): void => {
    const outcomes = readings.map((reading) => {
      const weight = isOtherwise(reading);
      return weight === null ? null : { detail, loud: weight === 'loud' };
    });
    add(code, 0, outcomes);
  };
  const { compression, encoding } = copy.unsaid;
  if (compression === 'compressed') {
    tell('COMPRESSED', compression, (reading) =>
      reading.expands === 'by content' ? null : ofOtherBytes(reading),
    );
  }
  if (compression === 'plain') {
    tell('NOT_COMPRESSED', compression, ({ expands }) => (expands === 'by name' ? 'loud' : null));
  }
  if (encoding !== null) tell('ENCODING', encoding, ofOtherBytes);
  tell('COLUMN_PLACES', placesOf(copy), ({ columns: by }) => (by === 'by place' ? 'silent' : null));
  if (copy.rows === 0 && dialect.names === null) {
    const isNamed = columns.every((name) => name.trim() !== '');
    tell('HEADER_ALONE', header, ({ headerAlone: needs }) => {
      const stops =
        needs === 'names' ? !isNamed : needs === 'a line end' && copy.headerEnd === null;
      return stops ? 'loud' : null;
    });
  }
  if (bom && dialect.names !== null && needed.some(({ index }) => index === 0)) {
    tell('BOM', 'mark', ({ bom: to }) => (to === 'text' ? 'silent' : null));
  }
  if (suspects.firstEnd === 'CR') {
    tell('LINE_ENDS', 'CR', ({ otherLineEnds: ends }) => (ends === 'CR is text' ? 'silent' : null));
  }
  // All cells of canonical CSV are in quotes, after which a line feed ends any record.
  const { firstEnd } = suspects;
  const before = header.slice(0, header.length - splitHead(header, dialect).rest.length);
  const blanks = before.match(/\r\n|\n|\r/g) ?? [];
  const blanksEndOtherwise = blanks.some((end) => end !== separator);
  const endsOtherwise = firstEnd !== null && separator !== lineEnds[firstEnd];
  if ((endsOtherwise || blanksEndOtherwise) && !copy.isCanonical) {
    const detail = `${separator} ${firstEnd} ${before}`;
    tell('LINE_ENDS', detail, ({ streams, otherLineEnds }) => {
      if (streams) return 'silent';
      const isFault = otherLineEnds === 'a fault' && firstEnd !== null;
      return isFault && blanks.some((end) => end !== lineEnds[firstEnd]) ? 'loud' : null;
    });
  }
  const { blank: leading, comments: leadingComments } = splitHead(header, dialect);
  const blank = suspects.blankLines + leading;
  if (blank > 0) {
    tell('BLANK_LINE', `${blank} ${leading}`, ({ dropsBlankLines: drops, losesBlankReturns }) => {
      if (leading > 0 && drops === 'empty of tables') return 'silent';
      if (losesBlankReturns && (suspects.firstEnd === 'CR' || header.startsWith('\r')))
        return 'silent';
      if (drops === 'none' || (drops === 'empty of tables' && columns.length === 1))
        return 'silent';
      return null;
    });
  }
  const commentLines = suspects.commentLines + leadingComments;
  if (commentLines > 0) {
    tell('COMMENT_SIGN', `${commentLines}`, ({ comments }) =>
      comments === 'none' ? 'silent' : null,
    );
  }
}

/** Which place each column has, and how many there are. */
function placesOf({ needed, columns }: TriedCopy): string {
  return JSON.stringify([columns.length, needed.map(({ name, index }) => [name, index])]);
}

async function trySniff(copy: TriedCopy, readings: readonly Reading[], add: Add): Promise<void> {
  const { suspects, columns, dialect, header } = copy;
  if (!readings.some(({ sniffs }) => sniffs)) return;
  const signs = signsOf(dialect);
  const hasOther = [',', '|', ';', '\t'].some(
    (sign) =>
      sign !== signs.delimiter && (suspects.delimiters.includes(sign) || header.includes(sign)),
  );
  if (!hasOther && !suspects.apostrophes && !header.includes("'")) return;
  const text = await copy.head(sampleBytes);
  const isCut = text.length >= sampleBytes;
  if (!couldSniffOtherwise({ text, isCut, signs, width: columns.length })) return;
  add(
    'SNIFFED_TABLE',
    0,
    readings.map(({ sniffs }) => (sniffs ? { detail: 'table', loud: false } : null)),
  );
}

/** What readers make of the header: its names, and whether it is one line to them. */
function tryHeader(copy: TriedCopy, readings: readonly Reading[], add: Add): void {
  const { dialect, suspects, bom } = copy;
  const signs = signsOf(dialect);
  const cut = createRecordCutter(signs);
  const raw = splitHead(copy.header, dialect).rest;
  const { cells, length } = cut(raw);
  const text = raw.slice(0, length);
  const after = raw.slice(length);
  const end = endOf(after, suspects.firstEnd);
  const read = createReaders(readings);
  const outcomesOf = (marked: string): readonly (Otherwise | null)[] => {
    const record = { ...headerRecord(copy, end), after, text: marked, cells: cut(marked).cells };
    return read(record).map((made, at) => {
      if (made === 'stops') return { detail: 'header', loud: true };
      const rows = made === 'alike' ? [record.cells.map(({ value }) => value)] : made;
      if (rows === 'astray' || rows.length !== 1) return { detail: marked, loud: false };
      return namesOtherwise(copy, readings[at]!, rows[0]!);
    });
  };
  const outcomes = outcomesOf(text);
  const codes = hazardsIn({
    text,
    cells,
    delimiter: signs.delimiter,
    quote: dialect.quote,
    comment: dialect.comment,
    escape: signs.escape,
    startsAsComment: text.startsWith('#'),
    endsOtherwise: end !== null && end !== suspects.firstEnd,
  });
  for (const code of codes.length === 0 ? (['HEADER_NAMES'] as const) : codes) {
    add(code, 0, outcomes);
  }
  if (!bom) return;
  const marked = outcomesOf(`\xef\xbb\xbf${text}`);
  const asText = readings.map((reading, at) => {
    const isText = reading.bom === 'text' || (signs.quote !== null && text.startsWith(signs.quote));
    if (reading.bom === 'taken off' || !isText || outcomes[at] !== null) return null;
    // A quote after the mark opens nothing: a line break that it held ends the header.
    return /[\r\n]/.test(text) ? { detail: text, loud: false } : marked[at]!;
  });
  add('BOM', 0, asText);
}

function headerRecord(
  { dialect, suspects, separator, bytes }: TriedCopy,
  end: LineEnd,
): Omit<ReadRecord, 'text' | 'cells' | 'after'> {
  const { firstEnd } = suspects;
  const signs = signsOf(dialect);
  const { comment } = dialect;
  return { signs, comment, end, firstEnd, separator, isNeeded: () => true, fileBytes: bytes };
}

/** What a reader that has got these cells of the header takes otherwise. */
function namesOtherwise(
  { columns, needed }: TriedCopy,
  reading: Reading,
  cells: readonly string[],
): Otherwise | null {
  if (reading.columns === 'by place') return null;
  const said = cells.map(decoded);
  if (!reading.takesHeader(said)) return { detail: JSON.stringify(columns), loud: true };
  const names = reading.names(said);
  const found = needed.map(({ nameInFile }) => placeOf(nameInFile, names, reading));
  if (found.every((place, at) => place === needed[at]!.index)) return null;
  return { detail: JSON.stringify([columns, found]), loud: found.includes(-1) };
}

function decoded(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8');
}

/** Where a reader finds a column; -1: nowhere, or it does not know which one is meant. */
function placeOf(name: string, names: readonly string[], { same }: Reading): number {
  if (same === 'exact')
    return names.lastIndexOf(name) === names.indexOf(name) ? names.indexOf(name) : -1;
  const folded = names.map((one) => one.toLowerCase());
  return folded.indexOf(name.toLowerCase());
}
