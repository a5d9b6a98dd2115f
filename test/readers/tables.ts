/** A clean table, and copies of it that hold the same units by RFC 4180, written by every trick. */

/** A pseudo-random source: the same seed gives the same files. */
export interface Chance {
  below(limit: number): number;
  of<T>(choices: readonly T[]): T;
  /** True once in so many times. */
  once(times: number): boolean;
}

export function createChance(seed: number): Chance {
  let state = (seed * 2654435761 + 1) >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  };
  const below = (limit: number): number => next() % limit;
  return {
    below,
    of: (choices) => choices[below(choices.length)]!,
    once: (times) => below(times) === 0,
  };
}

export interface Table {
  readonly columns: readonly string[];
  readonly key: readonly string[];
  readonly consumed: readonly string[];
  /** Latin-1: one character a byte. */
  readonly rows: readonly (readonly string[])[];
  readonly delimiter: string;
}

const utf8 = (text: string): string => Buffer.from(text).toString('latin1');

const words = [
  'alpha',
  'Beta',
  'north west',
  '12',
  '007',
  '3.50',
  'x',
  'x/y',
  '2026-01-31',
  'a@b.example',
];
/** Line breaks in a value that decides: both copies hold them, and readers take them as they do. */
const breaks = ['\n', '\r\n', '\r'];
const wideWords = ['Zürich', '東京', 'naïve', 'Ω', '😀'].map(utf8);

/** A table as people write them: words, numbers, an empty cell now and then. */
export function cleanTable(chance: Chance): Table {
  const key = chance.once(4) ? ['id', 'region'] : ['id'];
  const consumed = chance.once(8) ? [] : chance.once(2) ? ['w'] : ['w', 'mode'];
  const descriptive = chance.once(8) ? [] : chance.once(2) ? ['note'] : ['note', 'owner'];
  const columns = shuffled([...key, ...consumed, ...descriptive], chance);
  const count = chance.once(6) ? chance.below(3) : 1 + chance.below(30);
  const broken = chance.once(12) ? chance.below(count + 1) : -1;
  const rows = Array.from({ length: count }, (_, row) =>
    columns.map((column) => {
      if (column === 'id') return `P-${row}`;
      if (column === 'region') return chance.of(['EU', 'US']);
      if (descriptive.includes(column) && chance.once(6)) return '';
      if (broken === row && consumed.includes(column)) return `a${chance.of(breaks)}b`;
      return chance.once(10) ? chance.of(wideWords) : chance.of(words);
    }),
  );
  return {
    columns,
    key,
    consumed,
    rows,
    delimiter: chance.once(10) ? chance.of([';', '|', '\t']) : ',',
  };
}

/** A table of more rows than a sniffer looks at; half of them without a value that needs quotes. */
export function longTable(table: Table, chance: Chance): Table {
  const id = table.columns.indexOf('id');
  const isPlain = chance.once(2);
  const rows = table.rows.length > 0 ? table.rows : [table.columns.map(() => 'x')];
  const cellOf = (cell: string): string => (isPlain && /["\r\n]/.test(cell) ? 'x' : cell);
  return {
    ...table,
    rows: Array.from({ length: 24_000 }, (_, row) =>
      rows[row % rows.length]!.map((cell, at) => (at === id ? `P-${row}` : cellOf(cell))),
    ),
  };
}

export function shuffled<T>(values: readonly T[], chance: Chance): T[] {
  const left = [...values];
  const mixed: T[] = [];
  while (left.length > 0) mixed.push(...left.splice(chance.below(left.length), 1));
  return mixed;
}

/** How a copy is written. */
export interface Writing {
  quote: 'needed' | 'all' | 'some';
  end: string;
  bom: boolean;
  lastEnd: boolean;
}

const usual: Writing = { quote: 'needed', end: '\n', bom: false, lastEnd: true };

function quoted(cell: string): string {
  return `"${cell.replaceAll('"', '""')}"`;
}

function needsQuotes(cell: string, delimiter: string): boolean {
  return cell.includes(delimiter) || /["\r\n]/.test(cell);
}

/** A copy before it is bytes: its cells as they are written, and its lines' ends. */
export interface Draft {
  readonly table: Table;
  lines: { cells: string[]; end: string }[];
  writing: Writing;
}

export function draft(table: Table, chance: Chance, writing: Writing): Draft {
  const write = (cell: string): string => {
    const wanted = writing.quote === 'all' || (writing.quote === 'some' && chance.once(3));
    return wanted || needsQuotes(cell, table.delimiter) ? quoted(cell) : cell;
  };
  const rows = [table.columns, ...table.rows];
  const lines = rows.map((cells) => ({ cells: cells.map(write), end: writing.end }));
  // One empty cell alone would be a blank line.
  for (const line of lines)
    if (line.cells.length === 1 && line.cells[0] === '') line.cells[0] = '""';
  return { table, lines, writing };
}

export function bytesOf({ table, lines, writing }: Draft): Buffer {
  const text = lines.map(({ cells, end }) => cells.join(table.delimiter) + end).join('');
  const cut = writing.lastEnd ? text : text.replace(/(?:\r\n|\n|\r)$/, '');
  return Buffer.from((writing.bom ? '\xef\xbb\xbf' : '') + cut, 'latin1');
}

/** A reviewed copy. */
export function cleanCopy(table: Table, chance: Chance): Buffer {
  return bytesOf(draft(table, chance, usual));
}

/** The same table exported otherwise, in ways that no reader minds. */
export function exportedCopy(table: Table, chance: Chance): Buffer {
  const rows = chance.once(2) ? shuffled(table.rows, chance) : table.rows;
  return bytesOf(
    draft({ ...table, rows }, chance, {
      quote: chance.of(['needed', 'all', 'some']),
      end: chance.of(['\n', '\r\n']),
      bom: false,
      lastEnd: !chance.once(4),
    }),
  );
}

const nasty = [
  '|a|b|c|',
  '|',
  ';',
  '\t',
  "'",
  "'x'",
  "it's",
  '"',
  '""',
  'say "hi"',
  '"q"',
  'x",y',
  '\\',
  '\\\\',
  'C:\\dir\\',
  '\\"',
  '\\n',
  '\r',
  '\n',
  '\r\n',
  '\v',
  '\f',
  '\x1c',
  '\x1d',
  '\x1e',
  '\x1f',
  '\0',
  '\xff',
  '\xc3',
  '#',
  '# x',
  ' ',
  '  x',
  'x ',
  'NULL',
  'NA',
  '-',
  ',',
  'a,b',
  ',a',
  'a;b;c',
  '=1+1',
  '\x1a',
  '\x85',
  '\xa0',
  ...['\u2028', '\u2029', '\u0085', '\ufeff', '\u200b', '\u00a0'].map(utf8),
  'P-1',
  'EVIL',
  'id',
  'w',
];

function nastyCell(chance: Chance): string {
  const parts = 1 + chance.below(4);
  return Array.from({ length: parts }, () =>
    chance.once(3) ? chance.of(words) : chance.of(nasty),
  ).join('');
}

/** A cell as it is written, hostile more often than not; by RFC 4180 it is one. */
export function hostileCell(chance: Chance): string {
  const cell = chance.once(3) ? chance.of(words) : nastyCell(chance);
  return chance.once(3) || needsQuotes(cell, ',') ? quoted(cell) : cell;
}

const nastyNames = [
  ' id',
  'ID',
  'Id',
  'id ',
  'id_1',
  'id1',
  'id0',
  'w.1',
  'w_1',
  'W',
  ' w',
  '',
  '_c0',
  'column0',
  'Unnamed: 0',
  'note|x|y',
  "o'x",
  'a"b',
  'a\nb',
  'a;b',
  'x\\',
  'w_duplicated_0',
  '#x',
  ...['a\u2028b', 'ﬁd', '\u0130d'].map(utf8),
];

/** Changes a draft so that RFC 4180 finds the same units. */
type Trick = (draft: Draft, chance: Chance) => void;

/** Rows, and the places of descriptive columns. */
function descriptivePlaces({ table: { columns, key, consumed } }: Draft): number[] {
  return columns.flatMap((column, at) =>
    key.includes(column) || consumed.includes(column) ? [] : [at],
  );
}

const someRow = ({ lines }: Draft, chance: Chance): Draft['lines'][number] | undefined =>
  lines.length < 2 ? undefined : lines[1 + chance.below(lines.length - 1)];

export const tricks: Readonly<Record<string, Trick>> = {
  nastyCell(copy, chance) {
    const at = chance.of(descriptivePlaces(copy));
    const row = someRow(copy, chance);
    if (at === undefined || row === undefined) return;
    const cell = nastyCell(chance);
    row.cells[at] = chance.once(3) || needsQuotes(cell, copy.table.delimiter) ? quoted(cell) : cell;
  },
  nastyColumn(copy, chance) {
    const at = chance.of(descriptivePlaces(copy));
    if (at === undefined) return;
    const same = nastyCell(chance);
    const isSame = chance.once(2);
    for (const [index, row] of copy.lines.entries()) {
      if (index === 0 && !chance.once(2)) continue;
      const cell = isSame ? same : nastyCell(chance);
      row.cells[at] =
        chance.once(3) || needsQuotes(cell, copy.table.delimiter) ? quoted(cell) : cell;
    }
  },
  strayQuote(copy, chance) {
    const at = chance.of(descriptivePlaces(copy));
    const row = someRow(copy, chance);
    if (at !== undefined && row !== undefined)
      row.cells[at] = chance
        .of(['5" x', 'a"b', ' "x"', 'x"', 'a""b', 'a\\"b', ' "x,'])
        .replace(',', '');
  },
  columnPlaces(copy, chance) {
    const order = shuffled(
      copy.table.columns.map((_, at) => at),
      chance,
    );
    for (const line of copy.lines) line.cells = order.map((at) => line.cells[at]!);
  },
  newColumn(copy, chance) {
    const name = chance.of(nastyNames);
    const place = chance.below(copy.table.columns.length + 1);
    for (const [index, line] of copy.lines.entries()) {
      const cell = index === 0 ? name : chance.of(['X', `Q-${index}`, '', nastyCell(chance)]);
      const written =
        chance.once(4) || needsQuotes(cell, copy.table.delimiter) ? quoted(cell) : cell;
      line.cells.splice(place, 0, written);
    }
  },
  twoNewColumns(copy, chance) {
    tricks['newColumn']!(copy, chance);
    tricks['newColumn']!(copy, chance);
  },
  header(copy, chance) {
    const at = chance.of(descriptivePlaces(copy));
    if (at === undefined) return;
    const name = chance.of(nastyNames);
    copy.lines[0]!.cells[at] =
      chance.once(3) || needsQuotes(name, copy.table.delimiter) ? quoted(name) : name;
  },
  lineEnd(copy, chance) {
    const line = chance.of(copy.lines);
    line.end = chance.of(['\n', '\r\n', '\r']);
  },
  lineEnds(copy, chance) {
    for (const line of copy.lines) line.end = chance.of(['\n', '\r\n', '\r']);
  },
  returns(copy) {
    for (const line of copy.lines) line.end = '\r';
  },
  feeds(copy, chance) {
    const end = chance.of(['\r\n', '\n']);
    for (const line of copy.lines) line.end = end;
  },
  blankLine(copy, chance) {
    const line = chance.of(copy.lines);
    line.end += chance.of(['\n', '\r\n', '\r', line.end, line.end]);
  },
  blankFirst(copy, chance) {
    copy.lines[0]!.cells[0] = chance.of(['\n', '\r\n', '\n\n']) + copy.lines[0]!.cells[0]!;
  },
  bom(copy) {
    copy.writing.bom = true;
  },
  noLastEnd(copy) {
    copy.writing.lastEnd = false;
  },
  longCell(copy, chance) {
    const at = chance.of(descriptivePlaces(copy));
    const row = someRow(copy, chance);
    if (at !== undefined && row !== undefined)
      row.cells[at] = chance
        .of(['x', 'é'])
        .repeat(chance.of([65_600, 131_073, 1_100_000, 2_200_000]) / 1);
  },
  emptyQuotes(copy, chance) {
    // An empty value in quotes, and one that starts with the delimiter.
    const [first, last] = chance.once(2) ? [0, -1] : [-1, 0];
    const row = someRow(copy, chance);
    const places = descriptivePlaces(copy);
    if (row === undefined || places.length < 2) return;
    row.cells[places.at(first)!] = '""';
    row.cells[places.at(last)!] = quoted(`${copy.table.delimiter}x`);
  },
  quotes(copy, chance) {
    for (const line of copy.lines) {
      line.cells = line.cells.map((cell) =>
        cell.startsWith('"') || !chance.once(2) ? cell : quoted(cell),
      );
    }
  },
  commentSign(copy, chance) {
    const row = someRow(copy, chance);
    const places = descriptivePlaces(copy);
    if (row !== undefined && places.includes(0))
      row.cells[0] = chance.of(['#', '#x', '"#x"', '//', '%']);
  },
  copyTable(copy, chance) {
    // A table of another sign within one column, as long as the copy itself.
    const at = chance.of(descriptivePlaces(copy));
    const sign = chance.of(['|', ';', '\t', ',']);
    if (at === undefined) return;
    const cells = 2 + chance.below(5);
    for (const [index, line] of copy.lines.entries()) {
      const inner = Array.from({ length: cells }, (_, cell) =>
        index === 0 ? `c${cell}` : `v${index}`,
      ).join(sign);
      const cell = chance.of([inner, `${sign}${inner}${sign}`]);
      line.cells[at] =
        needsQuotes(cell, copy.table.delimiter) || chance.once(5) ? quoted(cell) : cell;
    }
  },
};

/** Tricks that take long to read are tried seldom. */
const seldom = new Set(['longCell']);

export interface Mutated {
  readonly bytes: Buffer;
  readonly tricks: readonly string[];
}

/** A copy written by one to four tricks. */
export function mutatedCopy(table: Table, chance: Chance): Mutated {
  const rows = chance.once(3) ? shuffled(table.rows, chance) : table.rows;
  const copy = draft({ ...table, rows }, chance, {
    ...usual,
    quote: chance.of(['needed', 'needed', 'all', 'some']),
  });
  const names = Object.keys(tricks);
  const used: string[] = [];
  for (let count = chance.of([1, 1, 2, 3, 4]); count > 0; count -= 1) {
    const name = chance.of(names);
    // A column that was moved is no longer where the next trick looks for it.
    if (
      used.includes('columnPlaces') ||
      used.some((one) => one.endsWith('ewColumn') || one === 'twoNewColumns')
    )
      break;
    if (seldom.has(name) && !chance.once(20)) continue;
    tricks[name]!(copy, chance);
    used.push(name);
  }
  return { bytes: bytesOf(copy), tricks: used };
}
