import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunContext, RunOptions } from '../../../src/commands/run/context.ts';
import { run } from '../../../src/commands/run/run.ts';
import type { GateEvent } from '../../../src/model/index.ts';
import { scaled } from '../../runs.ts';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'keydrift-test-'));
  await mkdir(join(directory, 'private'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** Runs the gate in this process on two files; resolves to what the command would have read. */
async function handed(
  reviewed: string,
  runtime: string,
  options: Partial<RunOptions>,
): Promise<{ code: number; text: string | null; events: readonly GateEvent[] }> {
  const contract = `version: 1
artifacts:
  a: {reviewed: "file:${directory}/reviewed.csv", runtime: runtime.csv, key: [k], consumes: [v], units: {min: 0}}
`;
  await writeFile(join(directory, 'keydrift.yaml'), contract);
  await writeFile(join(directory, 'reviewed.csv'), reviewed);
  await writeFile(join(directory, 'runtime.csv'), runtime);
  let text: string | null = null;
  const events: GateEvent[] = [];
  const context: RunContext = {
    version: '0',
    workingDirectory: directory,
    environment: {},
    now: () => new Date(),
    progress: () => undefined,
    temporaryDirectory: join(directory, 'private'),
    tell: (event) => void events.push(event),
    writeReports: () => Promise.resolve(false),
    writeDecision: () => Promise.resolve(true),
    interruption: null,
    launch: async ({ words, environment }) => {
      expect(words[0]).toBe(environment['KEYDRIFT_A_FILE']);
      text = await readFile(words[0] ?? '', 'utf8');
      return { kind: 'exited', code: 0 };
    },
    atExit: () => undefined,
  };
  const access = {
    endpoint: null,
    region: null,
    profile: null,
    expectedOwner: null,
    anonymous: false,
  };
  const code = await run(context, {
    ref: 'HEAD',
    access,
    failOn: null,
    enforced: true,
    cacheDirectory: directory,
    config: null,
    names: [],
    command: ['command', '{a}'],
    use: 'runtime',
    scope: [],
    extent: 'scope',
    against: null,
    basis: 'reviewed',
    override: null,
    overrides: new Map(),
    observe: false,
    as: 'stored',
    fromEnvironment: [],
    stage: null,
    record: null,
    given: [],
    ...options,
  });
  return { code, text, events };
}

interface Row {
  readonly key: string;
  readonly cell: string;
  readonly end: string;
  readonly rest: string;
}

const keys = ['a', 'b', 'c,d', 'e"f', 'g\nh', 'i\r\nj'] as const;
const row = fc.record({
  key: fc.constantFrom(...keys),
  cell: fc.constantFrom('quoted', 'bare'),
  end: fc.constantFrom('\n', '\r\n', '\r'),
  rest: fc.constantFrom('', 'x', '"y\nz"', '"y""z"'),
});
const file = fc.record({
  rows: fc.array(row, { maxLength: 30 }),
  bom: fc.constantFrom('', '\uFEFF'),
  last: fc.constantFrom('newline', 'none'),
  blank: fc.constantFrom('', '\n', '\r\n'),
});

/** A row's bytes; equal keys have equal values, so that none conflict. */
function raw({ key, cell, rest, end }: Row): string {
  const written = cell === 'bare' && /^[a-z]$/.test(key) ? key : `"${key.replaceAll('"', '""')}"`;
  return `${written},v${keys.findIndex((one) => one === key)},${rest}${end}`;
}

/** What a person would do with scissors: the header, and the rows to keep, in their order. */
function oracle(
  all: readonly Row[],
  { bom, blank }: { bom: string; blank: string },
  keep: (row: Row, index: number) => boolean,
): string {
  const kept = all.filter(keep).map(raw);
  return `${bom}k,v,rest\n${blank}${kept.join('')}`;
}

function withoutLastEnd(rows: readonly Row[], last: string): readonly Row[] {
  const end = rows.at(-1);
  return last === 'newline' || end === undefined
    ? rows
    : [...rows.slice(0, -1), { ...end, end: '' }];
}

test('deduplicated: each unit once, its first row, byte for byte, in file order', async () => {
  await fc.assert(
    fc.asyncProperty(file, async ({ rows: drawn, last, ...start }) => {
      const rows = withoutLastEnd(drawn, last);
      const first = (one: Row, index: number): boolean =>
        rows.findIndex((other) => other.key === one.key) === index;
      const runtime = oracle(rows, start, () => true);
      const expected = oracle(rows, start, first);
      const { code, text, events } = await handed(expected, runtime, { use: 'deduplicated' });
      expect({ code, text }).toEqual({ code: 0, text: expected });
      const dropped = rows.length - rows.filter(first).length;
      expect(events[0]).toMatchObject({ decision: { handOver: { dropped } } });
    }),
    { numRuns: scaled(60) },
  );
});

test('a scope: the rows of its units, byte for byte; judged as if there were no others', async () => {
  const scope = fc.uniqueArray(fc.constantFrom(...keys), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(file, file, scope, async (one, other, values) => {
      const rows = withoutLastEnd(one.rows, one.last);
      const mine = ({ key }: Row): boolean => values.some((value) => value === key);
      const runtime = oracle(rows, one, () => true);
      const reviewed = oracle(other.rows, other, () => true);
      const { code, text, events } = await handed(reviewed, runtime, {
        scope: [{ column: 'k', values }],
        use: 'deduplicated',
      });
      const units = (all: readonly Row[]): string =>
        [...new Set(all.filter(mine).map(({ key }) => key))].sort().join();
      const both = units(rows) + units(other.rows);
      const expectedCode = both === '' ? 122 : units(rows) === units(other.rows) ? 0 : 121;
      expect(code).toBe(expectedCode);
      if (code !== 0) return;
      const first = (row_: Row, index: number): boolean =>
        mine(row_) && rows.findIndex(({ key }) => key === row_.key) === index;
      expect(text).toBe(oracle(rows, one, first));
      const redundant = rows.filter(mine).length - rows.filter(first).length;
      expect(events[0]).toMatchObject({ decision: { report: { runtime: { redundant } } } });
    }),
    { numRuns: scaled(60) },
  );
});

test('blank lines and comments between rows go with the row before them', async () => {
  const reviewed = 'k,v\na,1\nb,2\n';
  const runtime = '\nk,v\n\na,1\n\nb,2\n\n\na,1\n\n';
  const { text } = await handed(reviewed, runtime, { use: 'deduplicated' });
  expect(text).toBe('\nk,v\n\na,1\n\nb,2\n\n\n');
});

test('rows that repeat a unit are dropped whether or not they are listed', async () => {
  const units = Array.from({ length: 12_000 }, (_, unit) => `u${unit},v\n`);
  const reviewed = `k,v\n${units.join('')}`;
  const { code, text, events } = await handed(reviewed, `${reviewed}${units.join('')}`, {
    use: 'deduplicated',
    maxFindings: 10,
  });
  expect(code).toBe(0);
  expect(text).toBe(reviewed);
  expect(events[0]).toMatchObject({ decision: { handOver: { dropped: 12_000 } } });
});
