/** A column of a hostile table, in words that every engine has a type for. */
export interface HostileColumn {
  readonly name: string;
  readonly type:
    | 'text'
    | 'decimal'
    | 'timestamp'
    | 'date'
    | 'bigint'
    | 'boolean'
    | 'binary'
    | 'double';
  readonly role: 'key' | 'optional key' | 'consumed' | 'descriptive';
  readonly steps: readonly unknown[];
}

/** Values as keydrift writes them (SPEC §3); null: there is none. */
export type HostileRow = readonly (string | null)[];

/** Two copies of a table, and what a contract says of it. */
export interface HostileTable {
  readonly name: string;
  readonly columns: readonly HostileColumn[];
  /** Whether a value that is none differs from an empty one. */
  readonly nulls: 'distinct' | 'empty';
  readonly reviewed: readonly HostileRow[];
  readonly runtime: readonly HostileRow[];
}

type Random = () => number;

/** mulberry32: the same tables for the same seed. */
function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Texts that some step, pattern or letter table takes otherwise than another. */
const texts: readonly string[] = [
  '',
  ' ',
  'a',
  'A',
  'b',
  'EU',
  ' eu ',
  'eu\u00a0',
  '\u2003EU',
  'EU\ufeff',
  'a\n',
  'a\r\n',
  '\ta',
  'a  b',
  'a\u3000\u2028b',
  'a\u0085',
  'ß',
  'SS',
  'ẞ',
  'İ',
  'i̇',
  'ı',
  'I',
  'Σ',
  'ΑΣ',
  'ας',
  'ǅ',
  'ŉ',
  'ﬁ',
  'ΐ',
  'K',
  'k',
  'Å',
  'å',
  'é',
  'e\u0301',
  'É',
  'E\u0301',
  '가',
  '\u1100\u1161',
  'が',
  'か\u3099',
  'ṩ',
  's\u0323\u0307',
  's\u0307\u0323',
  '\u0344',
  '🙂',
  '👨‍👩‍👧',
  '𝒳',
  '\u200b',
  'v1',
  "it's",
  '"q"',
  'a,b',
  'a;b',
  '\\',
  'a\\z',
  '$',
  '${x}',
  '%',
  '_',
  '[x]',
  "''",
  'NULL',
  'null',
  '-',
  'n/a',
  '0',
  '00',
  '000',
  '007',
  '7',
  '+7',
  '-7',
  '-0',
  '+0',
  '1',
  '01',
  '12',
  '012',
  '1.0',
  '1.',
  '.5',
  '0.5',
  '00.50',
  '+.5',
  '-.5',
  '.',
  '1.005',
  '1.004999',
  '9.995',
  '99.999',
  '-9.995',
  '0.004',
  '-0.004',
  '-0.005',
  '1e3',
  '1E-3',
  '-1.5e2',
  '1e+2',
  '.e1',
  'e1',
  '1e400',
  '1e-400',
  '1e401',
  '1e999999999',
  '0e0',
  '--1',
  '+-1',
  '1_0',
  '１２',
  '٣',
  ' 1',
  '1 ',
  '123456789012345678901234567890',
  '99999999999999999999.999999',
  '0.00000000000000000000001',
  'true',
  'TRUE',
  'tRuE',
  't',
  'T',
  'yes',
  'Y',
  'on',
  'off',
  'No',
  'n',
  'f',
  'ſ',
  'oﬀ',
  '2024-02-29',
  '2023-02-29',
  '1900-02-29',
  '2000-02-29',
  '20240131',
  '2024-0131',
  '2024-01-31T00:00:00Z',
  '2024-01-31 00:00',
  '2024-01-31T00:00:00.000+00:00',
  '2024-01-31T00:01',
  '31/01/2024',
  '1/2/2024',
  '2/1/2024',
  '32/01/2024',
  '31.12.2024',
  '0000-01-01',
  '9999-12-31',
  '0001-01-01T00:30:00+01:00',
  '9999-12-31T23:30:00-01:00',
  '0000-01-01T00:30:00+01:00',
  '2024-01-31T10:00:00+02:00',
  '2024-01-31T08:00:00Z',
  '2024-01-31 08:00:00',
  '2024-03-01T00:30:00+01:00',
  '2024-02-29T23:30:00-01',
  '20240131T100000,5Z',
  '2024-01-31T10:00:00.500z',
  '2024-01-31T10:00:00.123456789012',
  '2024-01-31T24:00:00Z',
  '2024-01-31T10:60',
  '2024-01-31T10:00:60Z',
  '2024-01-31T10:00+24:00',
  '2024-01-31T10:00-0530',
  '2024-01-31T10',
];

/** Steps as a contract writes them. */
const steps: readonly unknown[] = [
  'trim',
  'collapse-spaces',
  'lowercase',
  'uppercase',
  'nfc',
  'integer',
  'number',
  'boolean',
  'date',
  'timestamp',
  { decimal: 0 },
  { decimal: 2 },
  { decimal: 5 },
  { 'strip-zeros': 'left' },
  { date: ['DD/MM/YYYY'] },
  { date: ['M/D/YYYY', 'DD.MM.YYYY'] },
  { empty: ['NULL', '-', 'n/a'] },
  { empty: ["it's", '\\', 'v1'] },
];

/** Values of other types, as keydrift writes them. */
const typed: Readonly<Record<Exclude<HostileColumn['type'], 'text'>, readonly string[]>> = {
  decimal: [
    '0.0000000000',
    '1.5000000000',
    '-1.5000000000',
    '0.0000000001',
    '-0.0000000001',
    '9999999999999999999999999999.9999999999',
    '-9999999999999999999999999999.0000000001',
    '100.0000000000',
  ],
  timestamp: [
    '2024-01-31T08:00:00',
    '2024-01-31T08:00:00.5',
    '2024-01-31T08:00:00.123456',
    '1969-12-31T23:59:59.999999',
    '1970-01-01T00:00:00',
    '1883-11-18T12:03:58',
    '2024-02-29T00:00:00.1',
  ],
  date: ['2024-02-29', '1970-01-01', '1582-10-04', '1582-10-15', '0001-01-01', '9999-12-31'],
  bigint: ['0', '1', '-1', '9223372036854775807', '-9223372036854775808', '42'],
  boolean: ['true', 'false'],
  binary: ['', '00', '00ff', 'deadbeef', '27'],
  double: [
    '0',
    '1',
    '-1',
    '0.1',
    '1e+21',
    '100000',
    '9007199254740992',
    '1.5',
    'Infinity',
    'NaN',
    '5e-324',
    '123456789.125',
  ],
};

/** Steps that change values of these types, so that they have to fit each other. */
const typedSteps: Readonly<Record<Exclude<HostileColumn['type'], 'text'>, readonly unknown[]>> = {
  decimal: [{ decimal: 2 }, { decimal: 10 }, 'number', 'trim', 'nfc'],
  timestamp: ['timestamp', 'trim', 'uppercase'],
  date: ['date', 'trim', { date: ['YYYY-DD-MM'] }],
  bigint: ['integer', 'number', { decimal: 0 }, { decimal: 1 }],
  boolean: ['boolean', 'uppercase'],
  binary: ['uppercase', { 'strip-zeros': 'left' }],
  double: ['number', 'trim'],
};

/** A table of a seed: rows with nearly equal keys, and a runtime copy that drifted. */
export function hostileTable(seed: number): HostileTable {
  const random = randomOf(seed);
  const below = (count: number): number => Math.floor(random() * count);
  const pick = <T>(from: readonly T[]): T => from[below(from.length)]!;
  const keys = 1 + below(2);
  const consumed = below(4);
  const types = Object.keys(typed) as (keyof typeof typed)[];
  const column = (role: HostileColumn['role'], at: number): HostileColumn => {
    const type = random() < 0.65 ? ('text' as const) : pick(types);
    const own = type === 'text' ? steps : typedSteps[type];
    const count = below(type === 'text' ? 4 : 2);
    return {
      name: `c${at}${random() < 0.1 ? ' "x' : ''}`,
      type,
      role,
      steps: Array.from({ length: count }, () => pick(own)),
    };
  };
  const columns = [
    ...Array.from({ length: keys }, (_, at) => column(random() < 0.4 ? 'optional key' : 'key', at)),
    ...Array.from({ length: consumed }, (_, at) => column('consumed', keys + at)),
    ...(random() < 0.3 ? [column('descriptive', keys + consumed)] : []),
  ];
  // Few values for each column, so that keys repeat and variants meet.
  const pools = columns.map(({ type, role }) => {
    const from = type === 'text' ? texts : typed[type];
    return Array.from({ length: role.includes('key') ? 14 : 4 }, () =>
      random() < 0.06 ? null : pick(from),
    );
  });
  const row = (): HostileRow => pools.map((pool) => pick(pool));
  const reviewed = Array.from({ length: below(40) }, row);
  const runtime: HostileRow[] = [];
  for (const one of reviewed) {
    const chance = random();
    if (chance < 0.06) continue;
    runtime.push(
      chance < 0.14 ? one.map((cell, at) => (random() < 0.3 ? pick(pools[at]!) : cell)) : one,
    );
    if (chance > 0.94) runtime.push(one);
  }
  for (let more = below(5); more > 0; more -= 1) runtime.push(row());
  runtime.sort(() => random() - 0.5);
  // What keydrift reads without records has no columns either.
  const mayBeNone = reviewed.length > 0 && runtime.length > 0 && random() < 0.4;
  const nulls = mayBeNone ? 'distinct' : 'empty';
  return { name: `t${seed}`, columns, nulls, reviewed, runtime };
}

/** A copy as keydrift reads it by itself, and how its name ends. */
export function fileOf(
  table: HostileTable,
  rows: readonly HostileRow[],
): { readonly ending: string; readonly text: string } {
  if (table.nulls === 'empty') return { ending: 'csv', text: csvOf(table, rows) };
  const { columns } = table;
  const lines = rows.map((row) =>
    JSON.stringify(Object.fromEntries(row.map((cell, at) => [columns[at]!.name, cell]))),
  );
  return { ending: 'ndjson', text: `${lines.join('\n')}\n` };
}

function csvOf({ columns }: HostileTable, rows: readonly HostileRow[]): string {
  const lines = [
    columns.map(({ name }) => name),
    ...rows.map((row) => row.map((cell) => cell ?? '')),
  ];
  return lines
    .map((cells) => `${cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')}\n`)
    .join('');
}

/** What a contract says of a table, whatever its copies are. */
export function wordsOf({ columns, nulls }: HostileTable): Readonly<Record<string, unknown>> {
  const key = columns.filter(({ role }) => role.includes('key'));
  const named = (role: HostileColumn['role']): readonly string[] =>
    columns.filter((one) => one.role === role).map(({ name }) => name);
  return {
    key: key.map(({ name, role }) => ({ column: name, optional: role === 'optional key' })),
    ...(named('descriptive').length > 0
      ? { descriptive: named('descriptive') }
      : { consumes: named('consumed') }),
    normalize: Object.fromEntries(
      columns.flatMap(({ name, steps: own, role }) =>
        own.length === 0 || role === 'descriptive' ? [] : [[name, own]],
      ),
    ),
    units: { min: 0 },
    ...(nulls === 'distinct' ? { nulls } : {}),
  };
}

/** What two judgements of one table must agree on. */
export type Facts = Readonly<Record<string, unknown>>;

export function factsOf(artifact: ReportedArtifact): Facts {
  const side = (one: ReportedSide | null): unknown =>
    one === null ? null : [one.rows, one.units, one.redundant, one.invalid];
  return {
    verdict: artifact.verdict,
    state: artifact.state,
    error: artifact.error?.code ?? null,
    counts: artifact.counts,
    severities: artifact.severities,
    truncated: artifact.truncated,
    amplification: artifact.amplification,
    respelled: artifact.respelled,
    reviewed: side(artifact.reviewed),
    runtime: side(artifact.runtime),
    findings: artifact.findings
      .map(({ rows, ...finding }) => ({
        ...finding,
        rows: rows.length < 20 ? rows.map(shownRow).sort() : rows.length,
      }))
      .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
  };
}

function shownRow({ side, values }: ReportedRow): string {
  return JSON.stringify([side, Object.entries(values).map(([name, value]) => [name, value ?? ''])]);
}

interface ReportedRow {
  readonly side: string;
  readonly values: Readonly<Record<string, string | null>>;
}

interface ReportedSide {
  readonly rows: number;
  readonly units: number;
  readonly redundant: number;
  readonly invalid: number;
}

/** What is read of a report. */
export interface ReportedArtifact {
  readonly name: string;
  readonly verdict: string;
  readonly state: string | null;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly counts: unknown;
  readonly severities: unknown;
  readonly truncated: unknown;
  readonly amplification: number | null;
  readonly respelled: number;
  readonly reviewed: ReportedSide | null;
  readonly runtime: ReportedSide | null;
  readonly findings: readonly { readonly rows: readonly ReportedRow[] }[];
}
