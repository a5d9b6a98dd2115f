import { randomBytes } from 'node:crypto';
import { markWords } from '../../model/index.ts';
import { signBytes, type Dialect } from './dialect.ts';
import { watchUtf8 } from './utf8-watch.ts';
import { suspectsWasm } from './wasm-bytes.ts';

/** Line ends that end records; null where none was seen. */
export type LineEnd = 'LF' | 'CRLF' | 'CR' | null;

/** What stands in a body that other readers could read otherwise. A place may be of no effect. */
export interface Suspects {
  /** Ascending byte offsets in the copy, of places whose record has no mark, or several. */
  readonly places: Float64Array;
  /** Records that hold such places, as they come: where that is certain, each with its mark. */
  readonly marked: MarkedPlaces;
  /** `left out`: they were too many to be held on the chance that they are asked for. */
  readonly told: 'all' | 'left out';
  readonly blankLines: number;
  readonly commentLines: number;
  readonly firstEnd: LineEnd;
  /** Signs that occur somewhere and could separate cells: `,` `;` `|` and the tab. */
  readonly delimiters: string;
  /** Whether some cell starts with an apostrophe. */
  readonly apostrophes: boolean;
  /** Byte offset of the first sign that quotes, wherever it stands; null: there is none of one byte. */
  readonly firstQuote: number | null;
}

/** Places with what tells their records by their bytes, line ends and blank lines after them included. */
export interface MarkedPlaces {
  /** One in each record, ascending byte offsets in the copy. */
  readonly places: Float64Array;
  /** For each place four words, a hash under a key of this process. */
  readonly hashes: Uint32Array;
}

export interface SuspectScan {
  /** Sees a body's bytes; a chunk may be lent. */
  push(chunk: Uint8Array): void;
  end(): Suspects;
}

/** What is looked for in a body. */
export interface Sought {
  readonly dialect: Dialect;
  /** Byte offset at which the body starts. */
  readonly offset: number;
  /** How the header's line ends; null without one. */
  readonly headerEnd: LineEnd;
  /** Cells in a record. */
  readonly width: number;
  /** `few`: places are told unless most of the copy's records hold one. */
  readonly wanted: 'all' | 'few';
}

/** More marks than this are many, where there is one in so few bytes. */
const fewMarks = 1 << 13;
const fewBytes = 512;

/** Bytes that are told wherever they stand, then those that are only noted. One bit each class. */
const classes: readonly { readonly bytes: readonly number[]; readonly sign?: string }[] = [
  { bytes: [0x00, 0x0b, 0x0c] },
  { bytes: [0x1c, 0x1d, 0x1e] },
  { bytes: [0x5c] },
  // Where they start a cell or a line, they are looked at (wasm/index.ts).
  { bytes: [0x27, 0x23] },
  { bytes: [0x7c], sign: '|' },
  { bytes: [0x3b], sign: ';' },
  { bytes: [0x09], sign: '\t' },
  { bytes: [0x2c], sign: ',' },
];
const toldClasses = 0b11;

/** What a file is read in. */
const areaBytes = 1 << 18;
/** A line that is longer may hold a cell which some reader does not take. */
const longLine = 1 << 16;
/** What a line that goes on is said to have at most: a word holds it and a window. */
const longest = 1 << 30;
/** What the scanner keeps from window to window. */
const stateWords = 9;
/** So many bytes are kept back: what stands before them depends on them. */
const lookAhead = 3;
const ends: readonly LineEnd[] = [null, 'LF', 'CRLF', 'CR'];

/** Looks at a body's bytes as they pass, 64 at a time (wasm/index.ts). */
export function createSuspectScan({
  dialect,
  offset,
  headerEnd,
  width,
  wanted,
}: Sought): SuspectScan {
  const { exports: wasm, memory, state } = scanner();
  const input = wasm.inputArea();
  const words = new Uint32Array(stateWords);
  words[1] = ends.indexOf(headerEnd);
  let places = createPlaces();
  let marked = createMarks();
  let told: Suspects['told'] = 'all';
  // Else where records start is not known here.
  const knowsRecords = signBytes(dialect) !== null;
  const utf8 = watchUtf8(offset, (at) => places.add(at));
  const kept = new Uint8Array(lookAhead + 1);
  let keptBytes = 0;
  let before = 10;
  let at = offset;
  let sinceEnd = 0;
  let firstQuote: number | null = null;
  const delimiter = signByte(dialect.delimiter);
  const quote = dialect.quote === null ? -1 : signByte(dialect.quote);
  const comment = dialect.comment === null ? -1 : signByte(dialect.comment);
  const escape = dialect.escape === null ? -1 : signByte(dialect.escape);
  const blankStarts = width === 1 || dialect.delimiter <= ' ' ? 1 : 0;

  /** Adds the first places of the window's list. */
  function addPlaces(count: number): void {
    const found = new Uint32Array(memory.buffer, wasm.placesArea(), count);
    for (const place of found) places.add(at + place);
  }

  function addMarks(count: number): void {
    marked.add(
      new Float64Array(memory.buffer, wasm.markPlacesArea(), count),
      new Uint32Array(memory.buffer, wasm.markHashesArea(), markWords * count),
    );
    addPlaces(wasm.unmarkedPlaces());
  }

  /** Looks at a window, which starts at an address. */
  function look(start: number, length: number, isLast: boolean): void {
    const usable = isLast ? length : length - lookAhead;
    if (usable <= 0) return;
    memory[start - 1] = before;
    words[7] = Math.min(sinceEnd, longest);
    state.set(words);
    wasm.setDialect(delimiter, quote, comment, escape, toldClasses, blankStarts);
    const count = wasm.find(start, usable);
    if (told === 'left out') places = createPlaces();
    else if (count > 0 && knowsRecords) addMarks(wasm.markRecords(count, usable, isLast, at));
    else if (count > 0) addPlaces(count);
    words.set(state);
    if (firstQuote === null && words[8] !== 0) firstQuote = at + words[8]! - 1;
    const lastEnd = words[6]!;
    sinceEnd = lastEnd === 0 ? sinceEnd + usable : usable - lastEnd;
    const number = marked.count();
    if (wanted === 'few' && number > fewMarks && number * fewBytes > at - offset) {
      told = 'left out';
      [places, marked] = [createPlaces(), createMarks()];
    }
    // Where a cell starts that is too long, its record knows. One that ends is told there.
    if (lastEnd === 0 && sinceEnd > longLine) places.add(at);
    before = memory[start + usable - 1]!;
    at += usable;
    keep(start + usable, length - usable);
  }

  function keep(from: number, count: number): void {
    kept.set(memory.subarray(from, from + count));
    keptBytes = count;
  }

  /** Looks at bytes at an address, with what was kept back before them. Says whether some are beyond ASCII. */
  function lookAt(address: number, count: number): boolean {
    const start = address - keptBytes;
    memory.set(kept.subarray(0, keptBytes), start);
    const length = keptBytes + count;
    if (length <= lookAhead) {
      keep(start, length);
      return false;
    }
    look(start, length, false);
    return wasm.sawWide() !== 0;
  }

  return {
    push(chunk) {
      let isWide = false;
      if (chunk.buffer === memory.buffer) {
        // What stands before it is not the scan's: a header that is still to be read, perhaps.
        const from = chunk.byteOffset - lookAhead - 1;
        const others = memory.slice(from, chunk.byteOffset);
        isWide = lookAt(chunk.byteOffset, chunk.length);
        memory.set(others, from);
      } else {
        for (let from = 0; from < chunk.length; from += areaBytes) {
          const part = chunk.subarray(from, from + areaBytes);
          memory.set(part, input);
          isWide = lookAt(input, part.length) || isWide;
        }
      }
      // What was kept back is looked at with what follows.
      utf8.push(chunk, isWide || chunk.subarray(-lookAhead).some((byte) => byte > 127));
    },
    end() {
      utf8.end();
      memory.set(kept.subarray(0, keptBytes), input);
      memory.fill(0, input + keptBytes, input + keptBytes + 64);
      look(input, keptBytes, true);
      const seen = words[4]!;
      return {
        places: places.all(),
        marked: marked.all(),
        told,
        blankLines: words[2]!,
        commentLines: words[3]!,
        firstEnd: ends[words[1]!]!,
        delimiters: classes
          .map(({ sign }, bit) => ((seen >> bit) & 1 ? (sign ?? '') : ''))
          .join(''),
        apostrophes: words[5] === 1,
        firstQuote: Buffer.byteLength(dialect.quote ?? '') === 1 ? firstQuote : null,
      };
    },
  };
}

/** The byte after which a sign ends: all there is of it where it is ASCII. */
function signByte(sign: string): number {
  return Buffer.from(sign).at(-1)!;
}

interface Places {
  add(at: number): void;
  /** Sorted; a place that was added more than once stands once. */
  all(): Float64Array;
}

function createPlaces(): Places {
  let places = new Float64Array(16);
  let count = 0;
  let isAscending = true;
  return {
    add(at) {
      const last = count === 0 ? -1 : places[count - 1]!;
      if (last === at) return;
      if (at < last) isAscending = false;
      if (count === places.length) {
        places = grown(places, new Float64Array(2 * count));
      }
      places[count] = at;
      count += 1;
    },
    // Copying or sorting millions would keep a signal waiting.
    all: () => (isAscending ? places.subarray(0, count) : places.slice(0, count).sort()),
  };
}

interface Marks {
  count(): number;
  /** Adds some marks: their places, and their hashes. */
  add(places: Float64Array, hashes: Uint32Array): void;
  all(): MarkedPlaces;
}

function createMarks(): Marks {
  // Most copies hold few: a fleet makes these for each of them.
  let places = new Float64Array(16);
  let hashes = new Uint32Array(16 * markWords);
  let count = 0;
  return {
    count: () => count,
    add(more, moreHashes) {
      const needed = count + more.length;
      if (needed > places.length) {
        places = grown(places, new Float64Array(2 * needed));
        hashes = grown(hashes, new Uint32Array(2 * needed * markWords));
      }
      places.set(more, count);
      hashes.set(moreHashes, count * markWords);
      count = needed;
    },
    all: () => ({
      places: places.subarray(0, count),
      hashes: hashes.subarray(0, count * markWords),
    }),
  };
}

function grown<T extends Float64Array | Uint32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** What the scanner exports; addresses are of its memory. */
interface ScannerExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  stateArea(): number;
  classArea(): number;
  inputArea(): number;
  placesArea(): number;
  markPlacesArea(): number;
  markHashesArea(): number;
  unmarkedPlaces(): number;
  seedArea(): number;
  lentArea(number: number): number;
  setDialect(
    delimiter: number,
    quote: number,
    comment: number,
    escape: number,
    told: number,
    blankStarts: number,
  ): void;
  find(window: number, length: number): number;
  /** Of the last window: whether a byte beyond ASCII stands in it; 0 or 1. */
  sawWide(): number;
  markRecords(places: number, length: number, isLast: boolean, offset: number): number;
}

interface Scanner {
  readonly exports: ScannerExports;
  readonly memory: Uint8Array;
  readonly state: Uint32Array;
}

let made: Scanner | null = null;

/** One for all scans: what a scan knows between two windows, it keeps itself. */
function scanner(): Scanner {
  if (made !== null) return made;
  const module = new WebAssembly.Module(Buffer.from(suspectsWasm, 'base64'));
  // The build compiles both sides of this border.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const exports = new WebAssembly.Instance(module, {}).exports as unknown as ScannerExports;
  const memory = new Uint8Array(exports.memory.buffer);
  const tables = exports.classArea();
  classes.forEach(({ bytes }, bit) => {
    for (const byte of bytes) {
      memory[tables + (byte & 15)]! |= 1 << bit;
      memory[tables + 16 + (byte >> 4)]! |= 1 << bit;
    }
  });
  memory.set(randomBytes(16), exports.seedArea());
  const state = new Uint32Array(exports.memory.buffer, exports.stateArea(), stateWords);
  made = { exports, memory, state };
  return made;
}

/** Memory that a scan looks at in place: what is read into it need not be copied to be looked at. */
export interface LentArea {
  readonly bytes: Uint8Array;
  giveBack(): void;
}

/** Both copies of an artifact are read at once. */
const lentAreas = [0, 1];

/** Null: all of it is lent. */
export function lendArea(): LentArea | null {
  const number = lentAreas.pop();
  if (number === undefined) return null;
  const { exports, memory } = scanner();
  const from = exports.lentArea(number);
  return {
    bytes: memory.subarray(from, from + areaBytes),
    giveBack() {
      lentAreas.push(number);
    },
  };
}
