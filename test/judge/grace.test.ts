import fc from 'fast-check';
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AppContext, Sources } from '../../src/judge/context.ts';
import { judgeCopyPinned } from '../../src/judge/pair.ts';
import { openSources } from '../../src/judge/sources.ts';
import { strictPolicy, type ArtifactReport, type Policy } from '../../src/model/index.ts';
import { tables, type Row } from '../compare/tables.ts';
import { isolated, makeRepository, scratch, userId } from '../sources/git-fixture.ts';
import { scaled } from '../runs.ts';

const now = new Date('2026-06-15T12:00:00Z');
const place = scratch();
const root = join(place.path, 'repository');
const runtimeFile = join(place.path, 'runtime.csv');
beforeAll(() => void makeRepository(root));
afterAll(() => place.remove());

/** A commit of `main`: its table, or no file at all. */
interface Change {
  readonly minutesAgo: number;
  readonly table: readonly Row[] | null;
}

/** Makes `main` this history, the oldest change first. */
function writeHistory(changes: readonly Change[]): void {
  const commits = changes.map(({ minutesAgo, table }, index) => {
    const seconds = now.getTime() / 1000 - minutesAgo * 60;
    const content = table === null ? 'D a.csv' : `M 100644 inline a.csv\n${data(csv(table))}`;
    const reset = index === 0 ? 'reset refs/heads/main\n\n' : '';
    return `${reset}commit refs/heads/main\ncommitter T <t@example.org> ${seconds} +0000\n${data('change')}${content}\n`;
  });
  const input = `${commits.join('')}done\n`;
  execFileSync('git', ['-C', root, 'fast-import', '--quiet', '--force', '--done'], {
    env: { ...isolated },
    input,
  });
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}

function csv(table: readonly Row[]): string {
  return ['id,mode', ...table.map((row) => row.join(',')), ''].join('\n');
}

interface Case {
  readonly graceMinutes: number;
  readonly policy?: Partial<Policy>;
  readonly runtime: readonly Row[] | null;
  readonly asked?: () => void;
}

async function judge({ graceMinutes, policy, runtime, asked }: Case): Promise<ArtifactReport> {
  rmSync(runtimeFile, { force: true });
  if (runtime !== null) writeFileSync(runtimeFile, csv(runtime));
  const context: AppContext = {
    version: '0',
    workingDirectory: place.path,
    userId,
    environment: isolated,
    now: () => now,
    progress: () => undefined,
  };
  const opened = openSources(context, { ref: 'main', cacheDirectory: place.path });
  const sources: Sources = {
    ...opened,
    async of(location) {
      const source = await opened.of(location);
      return {
        ...source,
        versionsInForce: async (at, window) => {
          asked?.();
          return (await source.versionsInForce?.(at, window))!;
        },
      };
    },
  };
  const copy = {
    name: null,
    location: { kind: 'file', path: runtimeFile },
    ref: null,
    policy: { ...strictPolicy, ...policy },
    grace: graceMinutes * 60,
    columns: new Map(),
    csv: {},
  } as const;
  const artifact = {
    name: 'p',
    owner: null,
    runbook: null,
    labels: new Map(),
    reviewed: { kind: 'git', repository: root, path: 'a.csv', ref: null },
    copies: [copy],
    key: [{ column: 'id', optional: false }],
    consumes: null,
    descriptive: [],
    normalize: new Map(),
    csv: {},
    policy: strictPolicy,
    units: { min: 0, max: null },
    maxAmplification: null,
    accept: [],
  } as const;
  try {
    return (await judgeCopyPinned(artifact, copy, sources, { now, acceptance: 'apply' })).report;
  } finally {
    await opened.close();
  }
}

function severities({ findings }: ArtifactReport): string[] {
  return findings.map(({ kind, side, severity }) => `${kind} ${side} ${severity}`);
}

function codes({ warnings }: ArtifactReport): string[] {
  return warnings.map(({ code }) => code);
}

const v1: readonly Row[] = [['A', 'x']];
const v2: readonly Row[] = [...v1, ['B', 'x']];

/** v1 long ago, v2 ten minutes ago. */
function writeTwo(): void {
  writeHistory([
    { minutesAgo: 600, table: v1 },
    { minutesAgo: 10, table: v2 },
  ]);
}

describe('deployment lag', () => {
  test('is pending within the grace time', async () => {
    writeTwo();
    const report = await judge({ graceMinutes: 30, runtime: v1 });
    expect(severities(report)).toStrictEqual(['removed reviewed pending']);
    expect(report).toMatchObject({ state: 'drifted', verdict: 'in-sync' });
    expect(codes(report)).toStrictEqual(['PENDING']);
    expect(report.warnings[0]?.message).toContain('2026-06-15 12:20:00Z');
  });

  test.each([
    [9, 'fail'],
    [10, 'fail'],
    [11, 'pending'],
  ])('with %i minutes, ten after its arrival', async (graceMinutes, severity) => {
    writeTwo();
    const report = await judge({ graceMinutes, runtime: v1 });
    expect(report.findings.map((finding) => finding.severity)).toStrictEqual([severity]);
  });

  test("never covers the runtime copy's own findings", async () => {
    writeTwo();
    const report = await judge({ graceMinutes: 30, runtime: [...v1, ...v1, ['A', 'y']] });
    expect(severities(report)).toStrictEqual(['removed reviewed pending', 'conflict runtime fail']);
    expect(report.verdict).toBe('drifted');
    const twice = await judge({ graceMinutes: 30, runtime: [...v1, ...v1] });
    expect(severities(twice)).toStrictEqual([
      'removed reviewed pending',
      'duplicated runtime fail',
    ]);
  });

  test('is not a mixture of versions, nor what was never reviewed', async () => {
    writeTwo();
    const report = await judge({ graceMinutes: 30, runtime: [['A', 'y']] });
    expect(severities(report)).toStrictEqual(['removed reviewed fail', 'conflict across fail']);
    expect(codes(report)).toStrictEqual([]);
  });

  test('follows policy: warned findings are pending, ignored ones stay ignored', async () => {
    writeHistory([
      { minutesAgo: 600, table: [...v1, ['C', 'x']] },
      { minutesAgo: 10, table: v2 },
    ]);
    const runtime: readonly Row[] = [...v1, ['C', 'x']];
    const warned = await judge({ graceMinutes: 30, runtime, policy: { removed: 'warn' } });
    expect(severities(warned)).toStrictEqual(['added runtime pending', 'removed reviewed pending']);
    const ignored = await judge({ graceMinutes: 30, runtime, policy: { removed: 'ignore' } });
    expect(severities(ignored)).toStrictEqual(['added runtime pending', 'removed reviewed ignore']);
  });

  test('reads no history where there is nothing to excuse', async () => {
    writeTwo();
    let asked = 0;
    const count = (): void => {
      asked += 1;
    };
    await judge({ graceMinutes: 30, runtime: v2, asked: count });
    await judge({ graceMinutes: 30, runtime: [...v2, ...v2], asked: count });
    const policy = { removed: 'ignore' } as const;
    await judge({ graceMinutes: 30, runtime: v1, policy, asked: count });
    expect(asked).toBe(0);
    await judge({ graceMinutes: 30, runtime: v1, asked: count });
    expect(asked).toBe(1);
  });
});

describe('a copy that is not there', () => {
  test.each([
    [30, 'in-sync', ['PENDING']],
    [5, 'drifted', []],
    [0, 'drifted', []],
  ])('a file added ten minutes ago, with %i minutes', async (graceMinutes, verdict, warned) => {
    writeHistory([
      { minutesAgo: 600, table: null },
      { minutesAgo: 10, table: v1 },
    ]);
    const report = await judge({ graceMinutes, runtime: null });
    expect(report).toMatchObject({ state: 'missing', verdict });
    expect(codes(report)).toStrictEqual(warned);
  });

  test('an object that was there before the change is missing', async () => {
    writeTwo();
    const report = await judge({ graceMinutes: 30, runtime: null });
    expect(report).toMatchObject({ state: 'missing', verdict: 'drifted' });
  });

  test.each([
    ['the object of what was removed', 30, v1, 'in-sync'],
    ['the same, later', 10, v1, 'drifted'],
    ['an object that nobody reviewed', 30, v2, 'drifted'],
    ['one with its own faults', 30, [...v1, ...v1], 'drifted'],
  ])('%s', async (_name, graceMinutes, runtime, verdict) => {
    writeHistory([
      { minutesAgo: 600, table: v1 },
      { minutesAgo: 10, table: null },
    ]);
    const report = await judge({ graceMinutes, runtime });
    expect(report).toMatchObject({ state: 'unreviewed', verdict });
  });
});

const changes: fc.Arbitrary<readonly Change[]> = fc.array(
  fc.record({ minutesAgo: fc.integer({ min: -40, max: 90 }), table: fc.option(tables) }),
  { minLength: 1, maxLength: 5 },
);

test('findings are pending exactly when an oracle says so', { timeout: 240_000 }, async () => {
  const cases = fc.record({
    older: changes,
    tip: fc.record({ minutesAgo: fc.integer({ min: -40, max: 40 }), table: tables }),
    runtime: fc.oneof(tables, fc.nat()),
    repeated: fc.nat(3),
    graceMinutes: fc.constantFrom(0, 10, 30, 60),
  });
  let pending = 0;
  let failing = 0;
  await fc.assert(
    fc.asyncProperty(cases, async ({ older, tip, graceMinutes, ...chosen }) => {
      const history = [...older, tip];
      writeHistory(history);
      const picked =
        typeof chosen.runtime === 'number'
          ? (history[chosen.runtime % history.length]?.table ?? [])
          : chosen.runtime;
      const runtime = [...picked, ...picked.slice(0, chosen.repeated)];
      const report = await judge({ graceMinutes, runtime });
      const excused = inForce(history, graceMinutes).some(
        (table) => table !== null && agree(table, runtime),
      );
      for (const { kind, side, severity } of report.findings) {
        const between = kind === 'added' || kind === 'removed' || side === 'across';
        const expected = between && excused ? 'pending' : 'fail';
        expect(severity).toBe(expected);
        if (expected === 'pending') pending += 1;
        else if (between) failing += 1;
      }
    }),
    { numRuns: scaled(60) },
  );
  // The cases must tell something apart.
  expect(Math.min(pending, failing)).toBeGreaterThan(5);
});

/** What was in force at some time of the grace, by the words of the specification. */
function inForce(history: readonly Change[], graceMinutes: number): readonly Change['table'][] {
  let latest = -Infinity;
  const arrivals = history.map(({ minutesAgo }) => {
    const tooFar = minutesAgo < -graceMinutes;
    if (!tooFar) latest = Math.max(latest, -Math.max(0, minutesAgo));
    return latest;
  });
  return history
    .filter((_, index) => (arrivals[index + 1] ?? Infinity) > -graceMinutes)
    .map(({ table }) => table);
}

/** Whether two tables have the same keys, and no key with one value on each side that differs. */
function agree(reviewed: readonly Row[], runtime: readonly Row[]): boolean {
  return ['A', 'B', 'C'].every((key) => {
    const [one, other] = [modesOf(reviewed, key), modesOf(runtime, key)];
    if (one.length === 0 || other.length === 0) return one.length === other.length;
    return one.length > 1 || other.length > 1 || one[0] === other[0];
  });
}

function modesOf(table: readonly Row[], key: string): readonly string[] {
  return [...new Set(table.filter(([id]) => id === key).map(([, mode]) => mode))];
}
