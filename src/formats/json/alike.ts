import { isUtf8 } from 'node:buffer';
import { noValue } from '../../model/index.ts';
import type { Scalar } from './members.ts';
import { linesWasm } from './wasm-bytes.ts';

/**
 * Lines of JSON that are written as lines before them: between their values stands the same, byte
 * for byte, so that they say the same members, and only their values are read (wasm/index.ts). What
 * is odd in any way, an escape by number among it, is shown as a line of its own.
 */
export interface AlikeLines {
  /** Looks at whole lines, each with its LF; gives where alike ones start, counted from `from`. */
  scan(lines: Buffer, show: (starts: Uint32Array, from: number) => void, other: ShowOther): void;
  /** Packs the columns of `planFor` of whole lines. */
  pack(lines: Buffer, show: (cells: Uint8Array, lines: number) => void, other: ShowOther): void;
  /** A line, without its LF, that was read as a record: lines like it are known from now on. */
  learn(line: Buffer, scalars: () => readonly Scalar[]): void;
  planFor(columns: readonly number[]): void;
}

/** Shown a line: its first byte, and the one behind its LF. */
export type ShowOther = (from: number, to: number) => void;

/** How lines are written: what stands before each value and behind the last, and whose values. */
interface Shape {
  readonly before: readonly Buffer[];
  readonly tail: Buffer;
  readonly columns: readonly number[];
  /** Of each value, 1 where one was seen that is not null. */
  readonly seen: Uint32Array;
}

/** What a scanner is to know for one copy. */
interface Lesson {
  readonly shapes: Shape[];
  planned: readonly number[];
  changed: boolean;
  /** Longer lines are left to be measured. */
  readonly longest: number;
}

const mostShapes = 8;
const mostValues = 4096;
/** Where that many shapes are known, one odd line of so many is learned: all lines may be odd. */
const learnedOf = 64;

/** `longest`: longer lines are left to be measured. `valued`: told each column that has a value. */
export function createAlikeLines(longest: number, valued: (column: number) => void): AlikeLines {
  const lesson: Lesson = { shapes: [], planned: [], changed: true, longest };
  let odd = 0;
  const take = (
    lines: Buffer,
    how: 'scan' | 'pack',
    show: (scanner: Scanner, count: number, from: number) => void,
    other: ShowOther,
  ): void => {
    for (let from = 0; from < lines.length;) {
      const scanner = lesson.shapes.length === 0 ? null : sharedScanner();
      const end = scanner === null ? from : pieceEnd(lines, from);
      if (scanner === null || end === from) {
        from = showOne(lines, from, other);
        continue;
      }
      const { exports, input } = scanner;
      scanner.memory.set(lines.subarray(from, end), input);
      for (let at = from; at < end;) {
        teach(scanner, lesson);
        const first = at;
        at = from + exports[how](input + at - from, input + end - from) - input;
        tellValued(scanner, lesson, valued);
        const count = exports.linesFound();
        if (count > 0) show(scanner, count, first);
        if (exports.whyStopped() === stoppedAtOther) at = showOne(lines, at, other);
      }
      from = end;
    }
  };
  return {
    scan(lines, show, other) {
      const showStarts = ({ exports, words }: Scanner, count: number, from: number): void => {
        const at = exports.linesArea() >> 2;
        show(words.subarray(at, at + count), from);
      };
      take(lines, 'scan', showStarts, other);
    },
    pack(lines, show, other) {
      const showCells = ({ exports, memory }: Scanner, count: number): void => {
        const at = exports.outputArea();
        show(memory.subarray(at, at + exports.bytesWritten()), count);
      };
      if (isUtf8(lines)) take(lines, 'pack', showCells, other);
      else for (let at = 0; at < lines.length;) at = showOne(lines, at, other);
    },
    learn(line, scalars) {
      odd += 1;
      const { shapes } = lesson;
      if (shapes.length === mostShapes && odd % learnedOf !== 0) return;
      const found = line.length > mostShapeBytes ? [] : scalars();
      if (found.length === 0 || found.length > mostValues) return;
      const place = shapes.length < mostShapes ? shapes.length : (odd / learnedOf) % mostShapes;
      shapes[place] = shapeOf(line, found);
      lesson.changed = true;
    },
    planFor(columns) {
      lesson.planned = columns;
      lesson.changed = true;
    },
  };
}

function showOne(lines: Buffer, from: number, show: ShowOther): number {
  const feed = lines.indexOf(0x0a, from);
  const end = feed < 0 ? lines.length : feed + 1;
  show(from, end);
  return end;
}

function shapeOf(line: Buffer, scalars: readonly Scalar[]): Shape {
  let at = 0;
  const before = scalars.map(({ start, end }) => {
    const isText = line[start - 1] === 0x22;
    const part = Buffer.from(line.subarray(at, isText ? start - 1 : start));
    at = isText ? end + 1 : end;
    return part;
  });
  // Blanks at its end are no part of a line's shape.
  const tail = Buffer.from(line.toString('latin1', at).trimEnd(), 'latin1');
  const columns = scalars.map(({ column }) => column);
  return { before, tail, columns, seen: new Uint32Array(scalars.length) };
}

/** What the scanner exports; addresses are of its memory. */
interface ScannerExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  allocate(bytes: number): number;
  setShapes(count: number, values: number, plan: number): void;
  setLongest(bytes: number): void;
  shapesArea(): number;
  linesArea(): number;
  outputArea(): number;
  linesFound(): number;
  bytesWritten(): number;
  whyStopped(): number;
  isNews(): number;
  scan(from: number, end: number): number;
  pack(from: number, end: number): number;
}

interface Scanner {
  readonly exports: ScannerExports;
  readonly memory: Uint8Array;
  readonly words: Uint32Array;
  readonly input: number;
  /** Where shapes are written. */
  readonly lessons: number;
  readonly values: number;
  /** Whose shapes it knows, and how many of them. */
  knows: Lesson | null;
  known: number;
}

/** As wasm/index.ts has them: words of a shape, and of each of its values. */
const [shapeWords, valueWords] = [8, 4];
const stoppedAtOther = 1;

const pieceBytes = 128 * 1024;
const mostShapeBytes = 64 * 1024;
const lessonBytes = 512 * 1024;

let made: Scanner | null | undefined;

/** One for all copies: what is known of one is taught when its lines come. Null: no memory for it. */
function sharedScanner(): Scanner | null {
  if (made === undefined) made = createScanner();
  return made;
}

function createScanner(): Scanner | null {
  try {
    const module = new WebAssembly.Module(Buffer.from(linesWasm, 'base64'));
    // The build compiles both sides of this border.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    const exports = new WebAssembly.Instance(module, {}).exports as unknown as ScannerExports;
    // A text is looked at 16 bytes at a time.
    const input = exports.allocate(pieceBytes + 64);
    const lessons = exports.allocate(lessonBytes);
    const values = exports.allocate(12 * mostValues);
    if (Math.min(input, lessons, values) === 0) return null;
    const { buffer } = exports.memory;
    const [memory, words] = [new Uint8Array(buffer), new Uint32Array(buffer)];
    return { exports, memory, words, input, lessons, values, knows: null, known: 0 };
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** Where the last line ends that fits into one piece with those before it; `from`: none does. */
function pieceEnd(lines: Buffer, from: number): number {
  const most = from + pieceBytes;
  const end = lines.length <= most ? lines.length : most;
  return Math.max(from, lines.lastIndexOf(0x0a, end - 1) + 1);
}

/** Writes shapes where the scanner finds them, unless they stand there. */
function teach(scanner: Scanner, lesson: Lesson): void {
  if (scanner.knows === lesson && !lesson.changed) return;
  const { exports, memory, words, lessons, values } = scanner;
  const { shapes, planned } = lesson;
  let at = lessons;
  let count = 0;
  for (const { before, tail, columns, seen } of shapes) {
    const plan = at + 4 * (shapeWords + valueWords * before.length);
    const texts = plan + 4 * planned.length;
    const bytes = before.reduce((sum, { length }) => sum + length, tail.length);
    if (texts + bytes > lessons + lessonBytes) break;
    let text = texts;
    const put = (part: Buffer): readonly [at: number, bytes: number] => {
      memory.set(part, text);
      text += part.length;
      return [text - part.length, part.length];
    };
    before.forEach((part, place) => {
      words.set([...put(part), seen[place]!], at / 4 + shapeWords + valueWords * place);
    });
    words.set([before.length, ...put(tail), plan, 0], at / 4);
    const places = new Map(columns.map((column, place) => [column, place]));
    words.set(
      planned.map((column) => places.get(column) ?? noValue),
      plan / 4,
    );
    words[exports.shapesArea() / 4 + count] = at;
    count += 1;
    at = (text + 15) & ~15;
  }
  exports.setShapes(count, values, planned.length);
  exports.setLongest(lesson.longest);
  scanner.knows = lesson;
  scanner.known = count;
  lesson.changed = false;
}

/** Takes note of values where none had been seen. */
function tellValued(
  { exports, words, known }: Scanner,
  { shapes }: Lesson,
  valued: (column: number) => void,
): void {
  if (exports.isNews() === 0) return;
  const at = exports.shapesArea() / 4;
  shapes.slice(0, known).forEach(({ columns, seen }, shape) => {
    const first = words[at + shape]! / 4 + shapeWords;
    columns.forEach((column, place) => {
      if (seen[place] === 1 || words[first + valueWords * place + 2] !== 1) return;
      seen[place] = 1;
      valued(column);
    });
  });
}
