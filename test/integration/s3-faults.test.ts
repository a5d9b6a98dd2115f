import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Fault } from '../../localstack/s3-server/index.ts';
import { requires } from '../servers/start.ts';
import { expectNoVerdict, makeTrio } from './beside.ts';
import { runJson, type JsonArtifact } from './cli.ts';
import { faultBucket as bucket, setFaultStage } from './stage.ts';

const rows = Array.from({ length: 400 }, (_, index) => `P-${index},full\n`);
/** Larger than one chunk of a socket, and than what is sent before a fault. */
const table = `id,mode\n${rows.join('')}`;
const other = table.replace('P-7,full', 'P-7,delta');

describe('faults of a store', () => {
  const stage = setFaultStage();

  /** A trio whose first artifact reads its own object; the others need no store. */
  async function trio(key: string, runtime = table): Promise<string> {
    stage.server.putObject({ bucket, key, body: runtime });
    const broken = `reviewed: table.csv, runtime: 's3://${bucket}/${key}'`;
    return makeTrio(broken, { 'table.csv': table });
  }
  async function audit(cwd: string, env: Record<string, string> = {}): Promise<JsonArtifact> {
    const { report } = await runJson(['audit', 'broken'], { cwd, env: { ...stage.env, ...env } });
    return report.artifacts[0]!;
  }

  /** Statuses of the requests of a method since the test began. */
  const answers = (method: string): readonly (number | undefined)[] =>
    stage.server.requests.entries
      .filter((entry) => entry.method === method)
      .map(({ status }) => status);

  const overcome: readonly (readonly [string, Fault])[] = [
    ['503 SlowDown', { kind: 'slow-down' }],
    ['500', { kind: 'internal-error' }],
    ['a reset before the answer', { kind: 'reset' }],
    ['a lost answer', { kind: 'lost-response' }],
    ['a reset in the body', { kind: 'reset-body', afterBytes: 1000 }],
    ['a truncated body', { kind: 'truncate', afterBytes: 1000 }],
    ['a short body', { kind: 'short-body', bytes: 1000 }],
    ['an answer without checksum', { kind: 'no-checksum' }],
    ['a slow answer', { kind: 'latency', ms: 20 }],
  ];
  test.each(overcome)('%s, once, is overcome', async (_, fault) => {
    const cwd = await trio('once.csv');
    const struck = stage.server.faults.add({
      on: { operation: 'GetObject' },
      fault,
      times: 1,
    });
    expect(await audit(cwd)).toMatchObject({ verdict: 'in-sync', state: 'identical', error: null });
    expect(struck.hits).toBe(1);
  });

  const lasting: readonly (readonly [string, Fault, string])[] = [
    ['503 SlowDown', { kind: 'slow-down' }, 'STORE_FAILED'],
    ['a reset before the answer', { kind: 'reset' }, 'STORE_UNREACHABLE'],
    ['a reset in the body', { kind: 'reset-body', afterBytes: 10 }, 'STORE_INCOMPLETE_BODY'],
    ['a truncated body', { kind: 'truncate', afterBytes: 10 }, 'STORE_INCOMPLETE_BODY'],
    ['a short body', { kind: 'short-body', bytes: 10 }, 'COPY_KEEPS_CHANGING'],
    ['a wrong byte', { kind: 'flip-byte', at: 12 }, 'STORE_CHECKSUM_MISMATCH'],
    ['409', { kind: 'error', status: 409, code: 'OperationAborted' }, 'STORE_FAILED'],
  ];
  test.each(lasting)(
    '%s, always, leaves no verdict: exit 3 beside drift',
    async (_, fault, code) => {
      if (code === 'STORE_CHECKSUM_MISMATCH') requires('a checksum where none was sent');
      const cwd = await trio('always.csv');
      stage.server.faults.add({ on: { operation: 'GetObject' }, fault });
      await expectNoVerdict(
        { cwd, env: stage.env },
        { code, side: 'runtime', names: [`s3://${bucket}/always.csv`] },
      );
    },
  );

  test('a wrong byte of an object without a checksum is other content, and told as that', async () => {
    stage.server.settings.defaultChecksum = 'none';
    const cwd = await trio('unchecked.csv');
    stage.server.settings.defaultChecksum = 'CRC64NVME';
    stage.server.faults.add({
      on: { operation: 'GetObject' },
      fault: { kind: 'flip-byte', at: 12 },
    });
    expect(await audit(cwd)).toMatchObject({
      verdict: 'drifted',
      runtime: { bytes: table.length },
    });
  });

  test('content that the checksum disproves is no content error, however large the copy', async () => {
    requires('a checksum where none was sent');
    const quoted = `id,mode\nP-1,#x\n`;
    // More than is kept in memory.
    const value = 'full'.repeat(25);
    const large =
      quoted + Array.from({ length: 45_000 }, (_, row) => `Q-${row},${value}\n`).join('');
    expect(large.length).toBeGreaterThan(4 * 1024 * 1024);
    stage.server.putObject({ bucket, key: 'large.csv', body: large });
    const cwd = await makeTrio(`reviewed: table.csv, runtime: 's3://${bucket}/large.csv'`, {
      'table.csv': large,
    });
    // One bit makes a quote of it, which nothing closes.
    const fault = { kind: 'flip-byte', at: quoted.indexOf('#') } as const;
    stage.server.faults.add({ on: { operation: 'GetObject' }, fault });
    expect(await audit(cwd)).toMatchObject({
      verdict: 'indeterminate',
      error: { code: 'STORE_CHECKSUM_MISMATCH' },
    });
  });

  describe('an object that changes while it is read', () => {
    const cutOff = (times?: number): unknown =>
      stage.server.faults.add({
        on: { operation: 'GetObject' },
        fault: { kind: 'truncate', afterBytes: 1000 },
        ...(times === undefined ? {} : { times }),
      });

    /** Runs before the body that was cut off is resumed. */
    const beforeResume = (run: () => unknown): void => {
      cutOff(1);
      stage.server.faults.add({
        on: { operation: 'GetObject' },
        fault: { kind: 'before', run },
        after: 1,
        times: 1,
      });
    };

    test('once, is read again from the start, and never mixed', async () => {
      requires('versions');
      const cwd = await trio('once-changed.csv');
      beforeResume(() => stage.server.putObject({ bucket, key: 'once-changed.csv', body: other }));
      // The bucket is versioned: the pinned version is still there, and is what is judged.
      expect(await audit(cwd)).toMatchObject({ verdict: 'in-sync', state: 'identical' });
      expect(await audit(cwd)).toMatchObject({ verdict: 'drifted', counts: { conflict: 1 } });
    });

    test('once, without versions, is read again from the start', async () => {
      stage.server.createBucket('unversioned-once');
      const object = { bucket: 'unversioned-once', key: 'a.csv' };
      stage.server.putObject({ ...object, body: table });
      const cwd = await makeTrio(`reviewed: table.csv, runtime: 's3://unversioned-once/a.csv'`, {
        'table.csv': table,
      });
      beforeResume(() => stage.server.putObject({ ...object, body: other }));
      const report = await audit(cwd);
      expect(report).toMatchObject({ verdict: 'drifted', counts: { conflict: 1 }, error: null });
      expect(report.runtime?.bytes).toBe(other.length);
      // The second form of If-Match is for servers that compare it without quotes.
      expect(answers('GET')).toStrictEqual([200, 412, 412, 200]);
      requires('a checksum where none was sent');
      expect(answers('HEAD')).toStrictEqual([]);
    });

    test('always, without versions, has no verdict', async () => {
      stage.server.createBucket('unversioned-always');
      const object = { bucket: 'unversioned-always', key: 'a.csv' };
      stage.server.putObject({ ...object, body: table });
      const broken = `reviewed: table.csv, runtime: 's3://unversioned-always/a.csv'`;
      const cwd = await makeTrio(broken, { 'table.csv': table });
      cutOff();
      let writes = 0;
      stage.server.faults.add({
        on: { operation: 'GetObject' },
        fault: {
          kind: 'before',
          run: () => {
            writes += 1;
            stage.server.putObject({ ...object, body: `${table}W-${writes},full\n` });
          },
        },
      });
      await expectNoVerdict(
        { cwd, env: stage.env },
        {
          code: 'COPY_KEEPS_CHANGING',
          side: 'runtime',
          names: ['s3://unversioned-always/a.csv'],
          hints: [/again/],
        },
      );
      const once = [200, 412, 412];
      expect(answers('GET')).toStrictEqual([...once, ...once, ...once, ...once]);
    });

    test('a version that is deleted meanwhile is read again', async () => {
      const cwd = await trio('expired.csv', other);
      cutOff(1);
      stage.server.faults.add({
        on: { operation: 'GetObject', key: 'expired.csv' },
        fault: { kind: 'error', status: 404, code: 'NoSuchVersion' },
        after: 1,
        times: 1,
      });
      expect(await audit(cwd)).toMatchObject({ verdict: 'drifted', counts: { conflict: 1 } });
    });
  });

  test('a silent store and a stalled body end, by the limits that ship', async () => {
    runFaster(20);
    const silences = [
      ['stalled', { kind: 'stall', afterBytes: 1000 }, 'in 30 s'],
      ['hanging', { kind: 'hang' }, 'went silent'],
    ] as const;
    const audits = silences.map(async ([key, fault]) => {
      const cwd = await trio(key);
      stage.server.faults.add({ on: { operation: 'GetObject', key }, fault });
      return audit(cwd, { AWS_MAX_ATTEMPTS: '1' });
    });
    for (const [at, { verdict, error }] of (await Promise.all(audits)).entries()) {
      expect(verdict).toBe('indeterminate');
      expect(error).toMatchObject({ code: 'STORE_TIMEOUT', place: { side: 'runtime' } });
      expect(error?.message).toContain(silences[at]![2]);
    }
  });
});

/** So many seconds of the clock pass in one, until the test has ended: half a minute is none to wait. */
function runFaster(times: number): void {
  const { setTimeout: wait } = globalThis;
  const now = performance.now.bind(performance);
  vi.stubGlobal('setTimeout', (act: () => void, ms = 0) => wait(act, ms / times));
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() * times);
  onTestFinished(() => {
    vi.unstubAllGlobals();
    clock.mockRestore();
  });
}
