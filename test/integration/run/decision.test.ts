import { createHash } from 'node:crypto';
import { chmod, chown, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { documentOf } from '../../documents.ts';
import { runCli, type CliResult } from '../cli.ts';
import {
  conflicting,
  contract,
  duplicated,
  gate,
  gateAround,
  key,
  logOf,
  makeJob,
  reviewed,
  setGateStage,
  startGate,
  type Job,
} from './fixture.ts';
import { requires } from '../../servers/start.ts';

const stage = setGateStage();
const ran = ['--', 'echo', 'ran'] as const;
const read = ['parts', '--', 'sh', '-c', 'cat "$KEYDRIFT_PARTS_FILE"'] as const;

/** A decision as it is told, which its schema has to take. */
function parseDecision(text: string): Record<string, unknown> {
  return documentOf('decision', text);
}

/** What `--decision` wrote beside a job. */
async function decisionOf(job: Job): Promise<Record<string, unknown>> {
  return parseDecision(await readFile(join(job.cwd, 'decision.json'), 'utf8'));
}

const withDecision = (job: Job, ...args: readonly string[]): Promise<CliResult> =>
  gate(job, ['--decision', 'decision.json', ...args]);

describe('--decision says what was decided, and whether the command was started', () => {
  test('it ran', async () => {
    requires('versions');
    const { versionId } = stage.put(reviewed);
    const job = await makeJob(stage);
    await withDecision(job, '--', 'sh', '-c', 'cat decision.json; exit 7');
    expect(await decisionOf(job)).toMatchObject({
      schema: 'keydrift.decision/1',
      decision: 'run',
      exitCode: 7,
      retryable: false,
      enforced: true,
      started: true,
      command: { exitCode: 7, signal: null },
      error: null,
      artifacts: [
        {
          artifact: 'parts',
          copy: null,
          outcome: 'run',
          verdict: 'in-sync',
          url: `s3://runtime/${key}`,
          versionId,
          sha256: createHash('sha256').update(reviewed).digest('hex'),
          revision: `versionId:${versionId}`,
        },
      ],
    });
    // While the command runs the file says so.
    const { stdout } = await withDecision(job, '--', 'cat', 'decision.json');
    expect(parseDecision(stdout)).toMatchObject({ started: true, exitCode: null, command: null });
    const killed = await withDecision(job, '--', 'sh', '-c', 'kill -KILL $$');
    expect(killed.code).toBe(137);
    expect((await decisionOf(job))['command']).toEqual({ exitCode: 137, signal: 'SIGKILL' });
  });

  test('it was refused, or there was no verdict', async () => {
    stage.put(duplicated);
    const job = await makeJob(stage);
    await withDecision(job, ...ran);
    const refused = { decision: 'refused', exitCode: 121, retryable: false, started: false };
    expect(await decisionOf(job)).toMatchObject({ ...refused, command: null });
    stage.server.faults.add({ fault: { kind: 'internal-error' } });
    await withDecision(job, ...ran);
    const open = { decision: 'no-verdict', exitCode: 125, retryable: true, started: false };
    expect(await decisionOf(job)).toMatchObject(open);
    stage.server.faults.clear();
    await withDecision(job, 'stranger', ...ran);
    expect(await decisionOf(job)).toMatchObject({
      ...open,
      exitCode: 122,
      retryable: false,
      error: { code: 'UNKNOWN_ARTIFACT', retryable: false },
    });
    await withDecision(job, '--', './nothing');
    expect(await decisionOf(job)).toMatchObject({ decision: 'refused' });
    stage.put(reviewed);
    await withDecision(job, '--', './nothing');
    expect(await decisionOf(job)).toMatchObject({ decision: 'run', started: false, exitCode: 127 });
  });

  test('where it cannot be written nothing starts', async () => {
    stage.put(reviewed);
    const job = await makeJob(stage);
    const { code, stdout, stderr } = await gate(job, ['--decision', 'nowhere/x', ...ran]);
    expect({ code, stdout }).toEqual({ code: 122, stdout: '' });
    expect(stderr).toContain('OUTPUT_NOT_WRITABLE');
  });

  test('a killed run leaves it undecided', async () => {
    stage.put(reviewed);
    const job = await makeJob(stage);
    const on = { operation: 'GetObject' } as const;
    const hang = stage.server.faults.add({ on, fault: { kind: 'hang' } });
    const running = startGate(job, ['--decision', 'decision.json', '--', 'true']);
    await hang.struck;
    process.kill(running.pid, 'SIGKILL');
    await running.end();
    const undecided = { decision: 'undecided', exitCode: null, started: false };
    expect(await decisionOf(job)).toMatchObject(undecided);
  });
});

describe('--observe starts the command whatever is decided', () => {
  test('drift: what was read is handed over, and the log says what would have been', async () => {
    stage.put(duplicated);
    const job = await makeJob(stage);
    const seen = await withDecision(job, '--observe', ...read);
    expect(seen).toMatchObject({ code: 0, stdout: duplicated });
    expect(seen.stderr).toContain('NOT ENFORCED: observed only, would be refused');
    expect(await decisionOf(job)).toMatchObject({
      decision: 'refused',
      enforced: false,
      started: true,
      exitCode: 0,
    });
    const json = await gate(job, ['--observe', '--log-format', 'json', ...read]);
    expect(logOf(json.stderr)[0]).toMatchObject({
      outcome: 'refused',
      observed: true,
      enforced: false,
    });
    const codes = await gate(job, ['--observe', '--', 'sh', '-c', 'exit 9']);
    expect(codes.code).toBe(9);
    stage.put(conflicting);
    const chosen = await gate(job, ['--observe', '--use', 'deduplicated', ...read]);
    expect(chosen).toMatchObject({ code: 0, stdout: conflicting });
  });

  test('no verdict: the variables are unset, and a {file} is refused by the usual code', async () => {
    stage.put(reviewed);
    const job = await makeJob(stage);
    stage.server.faults.add({ fault: { kind: 'internal-error' } });
    const env = { KEYDRIFT_PARTS_FILE: '' };
    const told = ['sh', '-c', 'echo "[$KEYDRIFT_PARTS_REVISION]"'];
    const { code, stdout } = await gate(job, ['--observe', '--', ...told], env);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '[]\n' });
    const refused = await gate(job, ['--observe', '--', 'cat', '{parts}']);
    expect(refused).toMatchObject({ code: 125, stdout: '' });
    stage.server.faults.clear();
    await writeFile(join(job.cwd, 'keydrift.yaml'), 'version: 1\nartifacts: {a: 3}\n');
    const broken = await gate(job, ['--observe', ...ran]);
    expect(broken).toMatchObject({ code: 0, stdout: 'ran\n' });
    expect(broken.stderr).toMatch(/CONTRACT_INVALID[^]*NOT ENFORCED/);
    expect((await gate(job, ['--observe', '--', 'cat', '{a}'])).code).toBe(122);
    expect((await gate(job, ['--observe', '--bogus', ...ran])).code).toBe(122);
  });
});

describe('KEYDRIFT_OVERRIDE_<ARTIFACT>', () => {
  test('lets exactly one revision of one artifact run, and says so', async () => {
    requires('versions');
    const { versionId } = stage.put(duplicated);
    const job = await makeJob(stage);
    const env = { KEYDRIFT_OVERRIDE_PARTS: `versionId:${versionId} INC-7, agreed` };
    const given = await gate(job, ['--log-format', 'json', ...read], env);
    expect(given).toMatchObject({ code: 0, stdout: duplicated });
    expect(logOf(given.stderr)[0]).toMatchObject({
      override: { at: `versionId:${versionId}`, reason: 'INC-7, agreed' },
      enforced: false,
    });
    expect((await gate(job, [...read], env)).stderr).toContain('NOT ENFORCED, OVERRIDDEN');
    stage.put(duplicated);
    const { code, stderr } = await gate(job, [...read], env);
    expect(code).toBe(121);
    expect(stderr).toContain(`KEYDRIFT_OVERRIDE_PARTS: versionId:${versionId} is another revision than versionId:`); // prettier-ignore
    expect(stderr).not.toContain(`--at versionId:${versionId}`);
    const other = await gate(job, [...read], { KEYDRIFT_OVERRIDE_PRATS: 'x y' });
    expect(other.code).toBe(121);
    expect(other.stderr.replaceAll(/\s+/g, ' ')).toContain('KEYDRIFT_OVERRIDE_PRATS names no artifact of the contract, and overrides nothing; is KEYDRIFT_OVERRIDE_PARTS meant?'); // prettier-ignore
  });

  test('without a reason it is no override', async () => {
    stage.put(duplicated);
    const job = await makeJob(stage);
    const { code, stderr } = await gate(job, [...read], { KEYDRIFT_OVERRIDE_PARTS: 'versionId:x' });
    expect(code).toBe(122);
    expect(stderr).toContain('KEYDRIFT_OVERRIDE_PARTS names no revision and reason');
  });
});

describe('keydrift gate', () => {
  const judged = (job: Job, ...args: readonly string[]): Promise<CliResult> =>
    runCli(['gate', ...args], job);

  test('one line of JSON, and the codes of run', async () => {
    requires('versions');
    const { versionId } = stage.put(reviewed);
    const job = await makeJob(stage);
    const kept = ['--decision', 'decision.json'];
    const fine = await judged(job, '--stage', 's3://runtime/staged/', ...kept);
    expect(fine.code).toBe(0);
    expect(fine.stdout.split('\n')).toHaveLength(2);
    parseDecision(fine.stdout);
    const [one] = JSON.parse(fine.stdout).artifacts;
    // Who reads that version of that object reads what was judged.
    const judgedCopy = { url: `s3://runtime/${key}`, versionId, sha256: one.handOver.sha256 };
    expect(one).toMatchObject({ verdict: 'in-sync', ...judgedCopy });
    const { url, urlVersion, sha256 } = one.handOver;
    expect(url).toBe(`s3://runtime/staged/parts/${sha256}.csv`);
    expect(urlVersion).toEqual(expect.any(String));
    expect(await job.leftovers()).toEqual([]);
    stage.put(duplicated);
    const drift = await judged(job);
    expect(drift.code).toBe(121);
    expect(parseDecision(drift.stdout)).toMatchObject({ decision: 'refused', exitCode: 121 });
    // What lets it pass is the gate's own flag: there is no command to wrap.
    const [, way = ''] =
      /OVERRIDE, runs what was not reviewed: keydrift gate (.*)/.exec(drift.stderr) ?? [];
    // It starts nothing, whatever it decides.
    expect(drift.stderr).toMatch(/\nkeydrift: refused \(exit code 121\)\n$/);
    const said = way.replace('REASON', 'INC-1').split(' ');
    expect(await judged(job, ...said)).toMatchObject({ code: 0 });
    const observed = await judged(job, '--observe');
    expect(observed.code).toBe(0);
    expect(parseDecision(observed.stdout)).toMatchObject({ decision: 'refused', enforced: false });
    const unknown = await judged(job, 'stranger');
    expect(unknown.code).toBe(122);
    expect(unknown.stderr).toMatch(/\nkeydrift: no verdict \(exit code 122\)\n$/);
    expect(parseDecision(unknown.stdout)).toMatchObject({ error: { code: 'UNKNOWN_ARTIFACT' } });
    // Whoever reads the line or the file must not take the one of an earlier run for this one's.
    for (const wrong of [['--bogus'], ['--use', 'deduplicated']]) {
      const usage = await judged(job, ...kept, ...wrong);
      const told = { decision: 'no-verdict', exitCode: 122, error: { code: 'USAGE' } };
      expect([usage.code, parseDecision(usage.stdout)]).toMatchObject([122, told]);
      expect(await decisionOf(job)).toMatchObject(told);
    }
    const started = await gate(job, [...kept, '--bogus', '--', 'echo', '--decision', 'x']);
    expect(started).toMatchObject({ code: 122, stdout: '' });
    expect(await decisionOf(job)).toMatchObject({ error: { code: 'USAGE' }, started: false });
  });
});

describe('staged objects', () => {
  test('are named by their version, and looked at again after the command', async () => {
    requires('versions');
    stage.put(reviewed);
    const job = await makeJob(stage);
    const flags = ['--stage', 's3://runtime/after/'];
    const words = ['sh', '-c', 'echo "$KEYDRIFT_PARTS_URL $KEYDRIFT_PARTS_URL_VERSION"'];
    const still = await gate(job, [...flags, '--', ...words]);
    const [url = '', version = ''] = still.stdout.trim().split(' ');
    expect(version).not.toBe('');
    expect(still.stderr).not.toContain('replaced');
    const at = url.replace('s3://runtime/', '');
    const args = [...flags, '--', 'sh', '-c', 'echo ready; read word'];
    const { stderr } = await gateAround(job, args, () =>
      stage.server.putObject({ bucket: 'runtime', key: at, body: 'other' }),
    );
    expect(stderr).toContain(`${url} was replaced since it was staged`);
  });
});

test('a placeholder that is nearly an artifact warns, and stays as it stands', async () => {
  stage.put(reviewed);
  const job = await makeJob(stage);
  const { stdout, stderr } = await gate(job, ['--', 'echo', '{prats}', '{awk}', '{}']);
  expect(stdout).toBe('{prats} {awk} {}\n');
  expect(stderr).toContain('{prats} is no artifact of this run');
  expect(stderr).toContain('is {parts} meant?');
  expect(stderr).not.toContain('{awk}');
});

describe('the directory for private files', () => {
  test('that others may write to, and nothing keeps them off, is refused', async () => {
    stage.put(reviewed);
    const job = await makeJob(stage);
    const open = join(job.cwd, '.git', 'open');
    await mkdir(open);
    for (const [mode, expected] of [
      [0o777, 125],
      [0o1777, 0],
      [0o755, 0],
    ] as const) {
      await chmod(open, mode);
      const { code, stderr } = await gate(job, [...ran], { KEYDRIFT_TMPDIR: open });
      expect({ mode, code }).toEqual({ mode, code: expected });
      if (code !== 0) expect(stderr).toMatch(/PRIVATE_FILE_FAILED[^]*sticky/);
    }
  });

  test('that lies in one of those, or belongs to somebody else, is refused too', async () => {
    stage.put(reviewed);
    const job = await makeJob(stage);
    const open = join(job.cwd, '.git', 'open');
    const own = join(open, 'own');
    await mkdir(own, { recursive: true });
    await chmod(open, 0o777);
    const within = await gate(job, [...ran], { KEYDRIFT_TMPDIR: own });
    expect(within.code).toBe(125);
    expect(within.stderr).toContain(`chmod +t ${open}`);
    await chmod(open, 0o1777);
    expect((await gate(job, [...ran], { KEYDRIFT_TMPDIR: own })).code).toBe(0);
    if (process.getuid?.() !== 0) return;
    await chown(own, 12_345, 0);
    const theirs = await gate(job, [...ran], { KEYDRIFT_TMPDIR: own });
    expect(theirs.code).toBe(125);
    expect(theirs.stderr).toMatch(/belongs\s+to\s+user\s+12345/);
  });
});

describe('time', () => {
  test('what is unfinished has no verdict, and known drift wins', async () => {
    stage.put(reviewed);
    const job = await makeJob(stage, {
      'keydrift.yaml': `${contract()}  drifted: {reviewed: parts.csv, runtime: drifted.csv, key: [id], consumes: [mode]}\n`,
      'drifted.csv': duplicated,
    });
    const hang = { on: { operation: 'GetObject' }, fault: { kind: 'hang' } } as const;
    stage.server.faults.add(hang);
    // All of them only wait.
    const [late, both, audit, total, investigated] = await Promise.all([
      runCli(['run', '--timeout', '1s', 'parts', ...ran], job),
      runCli(['run', '--timeout', '1s', ...ran], job),
      runCli(['audit', '--timeout', '1s', '--format', 'json'], job),
      runCli(['audit', '--total-timeout', '1s', 'parts'], job),
      runCli(['investigate', 'parts', '--timeout', '1s'], job),
    ]);
    expect(await job.leftovers()).toEqual([]);
    expect(late).toMatchObject({ code: 125, stdout: '' });
    expect(late.stderr).toMatch(/TIMEOUT[^]*--timeout 2s/);
    expect(both.code).toBe(121);
    const { exitCode, artifacts } = JSON.parse(audit.stdout);
    expect({ code: audit.code, exitCode }).toEqual({ code: 3, exitCode: 3 });
    expect(artifacts[0].error).toMatchObject({ code: 'TIMEOUT', retryable: true });
    expect(artifacts[1].verdict).toBe('drifted');
    expect(total.code).toBe(2);
    expect(investigated.code).toBe(2);
    expect(investigated.stdout + investigated.stderr).toContain('TIMEOUT');
  });

  test('a signal while judging is logged as such: it is not the job’s', async () => {
    stage.put(reviewed);
    const job = await makeJob(stage);
    const on = { operation: 'GetObject' } as const;
    const hang = stage.server.faults.add({ on, fault: { kind: 'hang' } });
    const flags = ['--log-format', 'json', '--decision', 'decision.json', '-o', 'json:r.json'];
    const running = startGate(job, [...flags, ...ran]);
    await hang.struck;
    process.kill(running.pid, 'SIGTERM');
    const { code, stderr } = await running.end();
    expect(code).toBe(143);
    expect(logOf(stderr)).toMatchObject([
      { event: 'artifact', outcome: 'no-verdict', error: { code: 'INTERRUPTED' } },
      { event: 'signal', signal: 'SIGTERM', exitCode: 143 },
    ]);
    expect(await decisionOf(job)).toMatchObject({ exitCode: 143, started: false });
    const report = JSON.parse(await readFile(join(job.cwd, 'r.json'), 'utf8'));
    expect(report).toMatchObject({ exitCode: 143, artifacts: [{ verdict: 'indeterminate' }] });
  });
});
