import type { Dialect } from '../../src/formats/csv/dialect.ts';
import type { NormalizationStep, PlannedColumn, ScanPlan } from '../../src/model/index.ts';

/** Numbers from a seed: the same on every machine. */
export interface Dice {
  /** A whole number from 0 to below `sides`. */
  below(sides: number): number;
  pick<T>(values: readonly T[]): T;
}

export function createDice(seed: number): Dice {
  let state = seed | 0;
  const below = (sides: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides;
  };
  return { below, pick: (values) => values[below(values.length)]! };
}

/** Two bodies that share rows, a plan for both, and how they are cut. */
export interface HostileCase {
  readonly dialect: Dialect;
  readonly plan: ScanPlan;
  readonly bodies: readonly [Buffer, Buffer];
  readonly offset: number;
  readonly line: number;
  /** Bytes that the kernel reads at once; a comparison for each. */
  readonly windows: readonly number[];
  /** Chunks that both engines are fed with; 0: the whole body. */
  readonly chunk: number;
}

const windows = [1, 2, 3, 7, 16, 31, 63, 64, 65, 127, 128, 200, 1024, 65_536];
const widths = [1, 1, 2, 2, 3, 3, 4, 5, 9];

export function hostileCase(seed: number): HostileCase {
  const dice = createDice(seed);
  const dialect: Dialect = {
    delimiter: dice.pick([',', ',', ',', ';', '\t', '|', ' ', 'x', '\\']),
    quote: dice.pick(['"', '"', '"', '"', "'", null]),
    escape: null,
    comment: dice.below(5) === 0 ? '#' : null,
    names: null,
  };
  const width = dice.below(150) === 0 ? dice.pick([33, 64, 65, 1000]) : dice.pick(widths);
  const plan = hostilePlan(dice, width);
  const rows = Array.from({ length: dice.below(width > 60 ? 4 : 9) }, () =>
    hostileRow(dice, dialect, width),
  );
  const other = rows.filter(() => dice.below(8) > 0);
  for (let more = dice.below(4); more > 0; more -= 1) {
    const row = dice.below(2) === 0 || rows.length === 0 ? null : dice.pick(rows);
    other.splice(dice.below(other.length + 1), 0, row ?? hostileRow(dice, dialect, width));
  }
  const soup = dice.below(8) === 0;
  const bodies = [rows, other].map((side) =>
    soup ? hostileSoup(dice, dialect) : joinRows(dice, dialect, side),
  );
  return {
    dialect,
    plan,
    bodies: [bodies[0]!, bodies[1]!],
    offset: dice.pick([0, 3, 40, 2 ** 32 - 60, 2 ** 33 - 1]),
    line: 1 + dice.below(3),
    windows: Array.from({ length: 12 }, () =>
      dice.below(2) === 0 ? 1 + dice.below(140) : dice.pick(windows),
    ),
    chunk: dice.pick([0, 0, 1, 2, 3, 5, 17, 64, 100]),
  };
}

const stepLists: readonly (readonly NormalizationStep[])[] = [
  [{ step: 'trim', parameter: null }],
  [{ step: 'collapse-spaces', parameter: null }],
  [{ step: 'lowercase', parameter: null }],
  [{ step: 'uppercase', parameter: null }],
  [{ step: 'nfc', parameter: null }],
  [{ step: 'integer', parameter: null }],
  [{ step: 'decimal', parameter: 0 }],
  [{ step: 'decimal', parameter: 2 }],
  [{ step: 'decimal', parameter: 100 }],
  [{ step: 'empty', parameter: ['NULL', '-', '', 'é', 'abcdefg'] }],
  [{ step: 'boolean', parameter: null }],
  [{ step: 'date', parameter: null }],
  [
    { step: 'trim', parameter: null },
    { step: 'uppercase', parameter: null },
    { step: 'empty', parameter: ['NULL', 'N/A'] },
  ],
  [
    { step: 'trim', parameter: null },
    { step: 'empty', parameter: ['0'] },
    { step: 'decimal', parameter: 1 },
    { step: 'integer', parameter: null },
  ],
];

function hostilePlan(dice: Dice, width: number): ScanPlan {
  const withSteps = dice.below(3) === 0;
  const columns = Array.from({ length: width }, (_, index) => index);
  for (let at = width - 1; at > 0; at -= 1) {
    const other = dice.below(at + 1);
    [columns[at], columns[other]] = [columns[other]!, columns[at]!];
  }
  const keys = 1 + dice.below(Math.min(width, 3));
  const consumed = dice.pick([width - keys, dice.below(width - keys + 1)]);
  const planned = (role: 'key' | 'consumed', index: number): PlannedColumn => ({
    name: `c${index}`,
    index,
    role,
    optional: role === 'consumed' || dice.below(3) === 0,
    steps: withSteps && dice.below(2) === 0 ? dice.pick(stepLists) : [],
  });
  return {
    width,
    key: columns.slice(0, keys).map((index) => planned('key', index)),
    consumed: columns.slice(keys, keys + consumed).map((index) => planned('consumed', index)),
  };
}

const values = [
  '',
  '',
  'a',
  'b',
  'a',
  '1',
  '0',
  '00',
  '007',
  '-0',
  '+5',
  '1.5',
  '1.005',
  '.5',
  '5.',
  '-.4',
  '9.999',
  '99.5',
  '-0.001',
  '1e3',
  '2026-01-31',
  'TRUE',
  'no',
  'NULL',
  'N/A',
  'nan',
  '<NA>',
  '#N/A N/A',
  '-',
  ' ',
  '  a ',
  'a  b',
  '\t',
  'é',
  'e\u0301',
  'ß',
  'İ',
  '\u00a0x\ufeff',
  '😀',
  'abcdefg',
  'ABCDEFGH',
  '0123456789abcde',
  '0123456789abcdef',
  '0123456789abcdefg',
  '\\',
];

function hostileValue(dice: Dice, dialect: Dialect): Buffer {
  const kind = dice.below(100);
  if (kind < 74) return Buffer.from(dice.pick(values));
  if (kind < 80) return Buffer.from('z'.repeat(dice.below(200)));
  if (kind < 84) return Buffer.from(`a${dialect.quote ?? '"'}b`);
  if (kind < 88) return Buffer.from(`a${dialect.delimiter}b`);
  if (kind < 93)
    return Buffer.from(dice.pick(['\n', '\r', '\r\n', 'a\nb', 'a\r\nb', '\n\n', 'a\r']));
  if (kind < 95) return Buffer.from(`\\${dialect.quote ?? '"'}`);
  if (kind < 99 || dice.below(3) > 0) return Buffer.from(String(dice.below(30)));
  return Buffer.from(
    dice.pick([
      [0x61, 0],
      [0xff],
      [0xc3],
      [0xed, 0xa0, 0x80],
      [0xf4, 0x90, 0x80, 0x80],
      [0xe2, 0x82],
    ]),
  );
}

/** A row as bytes; as strict CSV has it, but for a few. */
function hostileRow(dice: Dice, dialect: Dialect, width: number): Buffer {
  const ragged = dice.below(12) === 0 ? dice.pick([-1, 1, 2]) : 0;
  const cells: Buffer[] = [];
  for (let cell = 0; cell < Math.max(1, width + ragged); cell += 1) {
    if (cell > 0) cells.push(Buffer.from(dialect.delimiter));
    cells.push(hostileCell(dice, dialect, width));
  }
  return Buffer.concat(cells);
}

function hostileCell(dice: Dice, dialect: Dialect, width: number): Buffer {
  const { quote } = dialect;
  const value = width > 9 && dice.below(9) > 0 ? Buffer.from('v') : hostileValue(dice, dialect);
  const text = value.toString('latin1');
  const special = text.includes(dialect.delimiter) || /[\r\n]/.test(text);
  if (quote === null) return special && dice.below(9) > 0 ? Buffer.from('q') : value;
  // In a cell that does not start with one a quote is a character.
  if (dice.below(25) === 0) return Buffer.from(`a${quote}${dice.pick(['', 'b', quote, ' '])}`);
  const mustQuote = special || text.includes(quote);
  if (dice.below(mustQuote ? 60 : 5) !== 0 && !mustQuote) return value;
  if (mustQuote && dice.below(60) === 0) return value;
  const doubled = text.replaceAll(quote, dice.below(80) === 0 ? quote : quote + quote);
  const after = dice.below(120) === 0 ? dice.pick([' ', 'x', quote]) : '';
  return Buffer.from(quote + doubled + quote + after, 'latin1');
}

function joinRows(dice: Dice, dialect: Dialect, rows: readonly Buffer[]): Buffer {
  const style = dice.pick(['\n', '\r\n', '\r', 'mixed']);
  const lineEnd = (): Buffer =>
    Buffer.from(style === 'mixed' ? dice.pick(['\n', '\r\n', '\r', '\n\n', '\r\r\n']) : style);
  const parts: Buffer[] = dice.below(10) === 0 ? [lineEnd()] : [];
  rows.forEach((row, index) => {
    parts.push(row);
    if (index + 1 < rows.length || dice.below(3) > 0) parts.push(lineEnd());
    if (dice.below(25) === 0) parts.push(lineEnd());
    if (dialect.comment === null || dice.below(3) > 0) return;
    const ends = parts.at(-1)?.toString('latin1') ?? '';
    if (!/[\r\n]$/.test(ends)) return;
    parts.push(Buffer.from(dialect.comment), hostileRow(dice, dialect, 2), lineEnd());
  });
  if (dice.below(60) === 0 && dialect.quote !== null) parts.push(Buffer.from(dialect.quote));
  return Buffer.concat(parts);
}

/** Bytes in any order, most of them with a meaning. */
function hostileSoup(dice: Dice, { delimiter, quote, comment }: Dialect): Buffer {
  const tokens = [delimiter, delimiter, '\n', '\r', '\r\n', 'a', 'b', '\\', ' ', '0', 'é', '\0'];
  if (comment !== null) tokens.push(comment, `\n${comment}`);
  if (quote !== null) tokens.push(quote, quote + quote, quote + delimiter, delimiter + quote);
  const few = dice.below(2) === 0 ? tokens.slice(0, 8) : tokens;
  return Buffer.from(Array.from({ length: dice.below(40) }, () => dice.pick(few)).join(''));
}
