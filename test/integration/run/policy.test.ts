import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  conflicting,
  contract,
  duplicated,
  gate,
  logOf,
  makeJob,
  reviewed,
  setGateStage,
} from './fixture.ts';
import { requires } from '../../servers/start.ts';

const stage = setGateStage();
const read = ['--', 'cat', '{parts}'] as const;
const override = (at: string): string[] => ['--override', 'INC-123 night run', '--at', at];
const otherMode = reviewed.replace('P-2,delta', 'P-2,full');
const added = `${reviewed}P-4,full,four\n`;

describe('drift that runs all the same', () => {
  test('--no-fail says NOT ENFORCED', async () => {
    stage.put(duplicated);
    const job = await makeJob(stage);
    const { code, stdout, stderr } = await gate(job, ['--no-fail', ...read]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: duplicated });
    expect(stderr).toContain('NOT ENFORCED');
    const json = await gate(job, ['--no-fail', '--log-format', 'json', ...read]);
    expect(logOf(json.stderr)).toMatchObject([
      { outcome: 'run', verdict: 'drifted', enforced: false, level: 'warn' },
      { event: 'start' },
      { event: 'end', exitCode: 0 },
    ]);
    stage.put(reviewed);
    expect((await gate(job, ['--no-fail', ...read])).stderr).toContain('NOT ENFORCED');
    expect((await gate(job, ['--observe', ...read])).stderr).toContain('NOT ENFORCED');
    expect((await gate(job, read)).stderr).not.toContain('NOT ENFORCED');
  });

  test('a policy that warns', async () => {
    stage.put(duplicated);
    const job = await makeJob(stage, {
      'keydrift.yaml': contract('    policy: {duplicated: warn}\n'),
    });
    const { code, stderr } = await gate(job, [...read]);
    expect(code).toBe(0);
    expect(stderr).toContain('1 duplicated [warn]');
    expect((await gate(job, ['--fail-on', 'duplicated', ...read])).code).toBe(121);
  });

  test('--override lets exactly one revision run, and says why', async () => {
    requires('versions');
    const { versionId } = stage.put(duplicated);
    const job = await makeJob(stage);
    for (const at of [`versionId:${versionId}`, versionId]) {
      const { code, stdout, stderr } = await gate(job, [...override(at), ...read]);
      expect({ code, stdout }).toEqual({ code: 0, stdout: duplicated });
      expect(stderr).toContain(`OVERRIDDEN: "INC-123 night run" at ${at}`);
    }
    const json = await gate(job, [...override(versionId), '--log-format', 'json', ...read]);
    expect(logOf(json.stderr)).toMatchObject([
      {
        override: { reason: 'INC-123 night run', at: versionId },
        revision: `versionId:${versionId}`,
        enforced: false,
      },
      { event: 'start' },
      { event: 'end', exitCode: 0 },
    ]);
    // The next object is another revision, though its bytes are the same.
    stage.put(duplicated);
    const { code, stderr } = await gate(job, [...override(`versionId:${versionId}`), ...read]);
    expect(code).toBe(121);
    expect(stderr).toContain(`--at versionId:${versionId} is another revision`);
  });

  test('--override is no verdict', async () => {
    const { versionId } = stage.put(duplicated);
    const job = await makeJob(stage);
    stage.server.faults.add({ on: { operation: 'GetObject' }, fault: { kind: 'internal-error' } });
    const flags = ['--override', 'INC-1', '--at', `versionId:${versionId}`];
    expect((await gate(job, [...flags, ...read])).code).toBe(125);
  });
});

describe('--use deduplicated', () => {
  test('keeps the first row of each unit, and nothing else changes', async () => {
    const eol = '\r\n';
    const head = `\uFEFFid,mode,note${eol}`;
    const first = `P-1,full,"two${eol}lines"${eol}`;
    stage.put(`${head}${first}P-2,delta,b\n${first}P-3,full,c${eol}P-1,full,last`);
    const job = await makeJob(stage);
    const { code, stdout, stderr } = await gate(job, ['--use', 'deduplicated', ...read]);
    expect(code).toBe(0);
    expect(stdout).toBe(`${head}${first}P-2,delta,b\nP-3,full,c${eol}`);
    expect(stderr).toContain('deduplicated, 2 rows dropped');
  });

  test('drops nothing where nothing is redundant', async () => {
    stage.put(reviewed);
    const job = await makeJob(stage);
    const { stdout, stderr } = await gate(job, ['--use', 'deduplicated', ...read]);
    expect(stdout).toBe(reviewed);
    expect(stderr).toContain('0 rows dropped');
  });

  test('forgives duplicates also where both copies have them', async () => {
    stage.put(duplicated);
    const job = await makeJob(stage, { 'parts.csv': duplicated });
    const { code, stdout } = await gate(job, ['--use', 'deduplicated', ...read]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: reviewed });
  });

  test.each([
    ['a conflict in the runtime copy', conflicting, reviewed, 'rows of one unit disagree'],
    ['one across the copies', otherMode, reviewed, 'a unit has other values than reviewed'],
    ['one in the reviewed copy', duplicated, conflicting, 'rows of one unit disagree in the reviewed copy, and --use deduplicated refuses where any do; a run without it only warns of that'], // prettier-ignore
  ])('refuses %s, whatever policy and flags say', async (_, runtime, inGit, why) => {
    const { versionId } = stage.put(runtime);
    const policy = '    policy: {conflict: warn, duplicated: warn}\n';
    const job = await makeJob(stage, { 'keydrift.yaml': contract(policy), 'parts.csv': inGit });
    expect((await gate(job, [...read])).code).toBe(0);
    for (const flags of [[], ['--no-fail'], ['--override', 'x', '--at', versionId]]) {
      const { code, stderr } = await gate(job, ['--use', 'deduplicated', ...flags, ...read]);
      expect(code).toBe(121);
      expect(stderr).toContain(why);
    }
  });

  test('forgives nothing but duplicates', async () => {
    const job = await makeJob(stage);
    for (const body of [`${added}P-1,full,x\n`, `${duplicated},full,x\n`]) {
      stage.put(body);
      expect((await gate(job, ['--use', 'deduplicated', ...read])).code).toBe(121);
    }
    stage.put(duplicated);
    const bounded = await makeJob(stage, {
      'keydrift.yaml': contract('    maxAmplification: 1.1\n'),
    });
    expect((await gate(bounded, ['--use', 'deduplicated', ...read])).code).toBe(121);
  });

  test('has nothing to choose from where the rows cannot be read', async () => {
    stage.put('id,mode,note\n"P-1');
    const job = await makeJob(stage);
    const { code, stderr } = await gate(job, ['--use', 'deduplicated', '--no-fail', ...read]);
    expect(code).toBe(121);
    expect(stderr).toContain('the rows of the runtime copy cannot be read');
    expect((await gate(job, ['--no-fail', ...read])).code).toBe(0);
  });
});

describe('the reviewed copy', () => {
  test('by itself only warns', async () => {
    stage.put(reviewed);
    const job = await makeJob(stage, { 'parts.csv': duplicated });
    const { code, stderr } = await gate(job, [...read]);
    expect(code).toBe(0);
    expect(stderr).toContain('1 duplicated [warn]');
  });

  test('is not excused for units that it alone has', async () => {
    stage.put(reviewed);
    const job = await makeJob(stage, { 'parts.csv': added });
    expect((await gate(job, [...read])).code).toBe(121);
  });

  test.each([
    ['duplicates', duplicated],
    ['conflicts', conflicting],
    ['other units', added],
    ['what cannot be read', 'id,mode,note\n"P-1'],
    ['what has no header', ''],
  ])('--use reviewed only warns of %s in the runtime copy', async (_, body) => {
    stage.put(body);
    const job = await makeJob(stage);
    const { code, stdout, stderr } = await gate(job, ['--use', 'reviewed', ...read]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: reviewed });
    expect(stderr).toMatch(/the reviewed copy is handed over(?!; the job)/);
  });

  test.each(['reviewed', 'deduplicated'])(
    'a command that does not name what --use %s chose is told where alone it is',
    async (use) => {
      stage.put(duplicated);
      const job = await makeJob(stage);
      const words = ['sh', '-c', 'cat "$KEYDRIFT_PARTS_FILE"'];
      const { code, stdout, stderr } = await gate(job, ['--use', use, '--', ...words]);
      expect({ code, stdout }).toEqual({ code: 0, stdout: reviewed });
      expect(stderr).toContain('; its command has no {parts}: the job gets it only by reading $KEYDRIFT_PARTS_FILE'); // prettier-ignore
      // Of one that is nearly said it is told once, with what is meant.
      const near = await gate(job, ['--use', use, '--', 'echo', '{part}']);
      expect([near.code, near.stdout]).toEqual([0, '{part}\n']);
      expect(near.stderr.match(/\{parts\}/g)).toHaveLength(1);
      expect(near.stderr).not.toContain('KEYDRIFT_PARTS_FILE');
      // What the store holds itself may be read anywhere.
      const plain = await gate(job, ['--fail-on', 'added', '--', ...words]);
      expect([plain.code, plain.stderr]).toEqual([0, expect.not.stringContaining('KEYDRIFT_')]);
      const to = ['text', 'markdown', 'html'].map((form) => join(job.cwd, `r.${form}`));
      const reports = to.flatMap((file) => ['-o', `${extname(file).slice(1)}:${file}`]);
      const named = await gate(job, ['--use', use, ...reports, ...read]);
      expect(named.stderr).not.toContain('KEYDRIFT_');
      // What was found and let pass is not called in sync, and counts say whose they are.
      const [size, who] = use === 'reviewed' ? [3, use] : [4, 'runtime'];
      expect(named.stderr).toContain(`keydrift: parts: drift let pass (1 duplicated [warn]); ${who}: ${size} rows, 3 units,`); // prettier-ignore
      for (const told of [named.stderr, ...to.map((file) => readFileSync(file, 'utf8'))]) {
        expect(told).toContain('drift let pass');
        expect(told).not.toContain('in sync');
        // What is left out, or not used, does not run.
        expect(told).not.toContain('redundant execution');
      }
    },
  );

  test('what is told to do repeats the command, but for one that is long or may hold a secret', async () => {
    stage.put(duplicated);
    const job = await makeJob(stage);
    const told = async (...words: readonly string[]): Promise<string> =>
      (await gate(job, ['--', ...words])).stderr;
    expect(await told('cat', '{parts}', "it's")).toContain(String.raw`keydrift run --use reviewed -- cat '{parts}' 'it'\''s'`); // prettier-ignore
    for (const secret of [
      '--password=x',
      'TOKEN',
      'https://me:word@host/',
      'AKIAIOSFODNN7EXAMPLE',
      'a'.repeat(200),
    ]) {
      // prettier-ignore
      const line = await told('job', secret);
      expect(line).toContain('keydrift run --use reviewed -- COMMAND');
      expect(line).not.toContain(secret);
    }
    const control = await told('job', '\u001b[31m');
    expect(control).not.toContain('\u001b[31m');
    expect(control).toContain(String.raw`--use reviewed -- job $'\x1b[31m'`);
  });

  test('--use reviewed runs without a runtime object, and says so', async () => {
    stage.server.deleteObject({ bucket: 'runtime', key: 'lookup/parts.csv' });
    const job = await makeJob(stage);
    const { code, stdout, stderr } = await gate(job, ['--use', 'reviewed', ...read]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: reviewed });
    expect(stderr).toContain('no runtime object');
  });

  test.each([
    ['duplicated', duplicated],
    ['conflicting', conflicting],
    ['unreadable', 'id,mode,note\n"P-1'],
    ['without units', 'id,mode,note\n'],
  ])('--use reviewed refuses one that is %s', async (_, inGit) => {
    stage.put(reviewed);
    const job = await makeJob(stage, { 'parts.csv': inGit });
    expect((await gate(job, ['--use', 'reviewed', ...read])).code).toBe(121);
  });

  test('--use reviewed has nothing to hand over where there is none', async () => {
    stage.put(reviewed);
    const job = await makeJob(stage, {
      'keydrift.yaml': contract('    policy: {unreviewed: warn}\n').replace(
        'reviewed: parts.csv',
        'reviewed: other.csv',
      ),
    });
    expect((await gate(job, [...read])).code).toBe(0);
    expect((await gate(job, ['--use', 'reviewed', ...read])).code).toBe(121);
  });

  test('its commit is the revision of what is used', async () => {
    stage.put(reviewed);
    const job = await makeJob(stage);
    const script = ['--', 'sh', '-c', 'echo "$KEYDRIFT_PARTS_REVISION"'];
    const { stdout } = await gate(job, ['--use', 'reviewed', ...script]);
    expect(stdout).toMatch(/^commit:[0-9a-f]{40}\n$/);
  });
});

describe('--contract-only', () => {
  test('needs no git, and never says "in sync"', async () => {
    stage.put(added);
    const job = await makeJob(stage);
    const words = ['--contract-only', '--', '/bin/cat', '{parts}'];
    const { code, stdout, stderr } = await gate(job, words, { PATH: '/nowhere' });
    expect({ code, stdout }).toEqual({ code: 0, stdout: added });
    expect(stderr).toContain('contract holds');
    expect(stderr).not.toContain('in sync');
  });

  test.each([
    ['duplicates', duplicated],
    ['conflicts', conflicting],
    ['invalid records', `${reviewed},full,x\n`],
    ['broken bounds', 'id,mode,note\n'],
    ['a missing column', 'id,note\nP-1,x\n'],
  ])('refuses %s', async (_, body) => {
    stage.put(body);
    const job = await makeJob(stage);
    const { code, stderr } = await gate(job, ['--contract-only', ...read]);
    expect(code).toBe(121);
    expect(stderr).toContain('CONTRACT BROKEN');
  });

  test('with --use deduplicated', async () => {
    stage.put(duplicated);
    const job = await makeJob(stage);
    const flags = ['--contract-only', '--use', 'deduplicated'];
    const { code, stdout } = await gate(job, [...flags, ...read]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: reviewed });
  });

  test('no object', async () => {
    stage.server.deleteObject({ bucket: 'runtime', key: 'lookup/parts.csv' });
    const job = await makeJob(stage);
    expect((await gate(job, ['--contract-only', ...read])).code).toBe(121);
  });
});
