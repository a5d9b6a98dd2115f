import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { git, runCli } from '../cli.ts';
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
} from './fixture.ts';
import { requires } from '../../servers/start.ts';

const stage = setGateStage();
/** Says that it runs, waits for a word, and reads then. */
const slowReader = ['sh', '-c', 'echo ready; read word; cat "$1"', 'sh', '{parts}'];
const replaced = 'id,mode,note\nP-9,full,other\n';

describe('what was checked is what is read', () => {
  test('an object that is replaced between the check and the read', async () => {
    requires('versions');
    const { versionId } = stage.put(reviewed);
    const job = await makeJob(stage);
    const args = ['parts', '--', ...slowReader];
    const { code, stdout, stderr } = await gateAround(job, args, () => stage.put(replaced));
    expect({ code, stdout }).toEqual({ code: 0, stdout: `ready\n${reviewed}` });
    expect(stderr).toMatch(/warning: parts: .* was replaced since it was checked/);
    expect(stderr).toContain(`versionId:${versionId} then`);
  });

  test('the same for deduplicated', async () => {
    stage.put(duplicated);
    const job = await makeJob(stage);
    const args = ['--use', 'deduplicated', '--', ...slowReader];
    const { code, stdout, stderr } = await gateAround(job, args, () => stage.put(replaced));
    expect({ code, stdout }).toEqual({ code: 0, stdout: `ready\n${reviewed}` });
    expect(stderr).toContain('1 row dropped');
  });

  test('the same for reviewed, whatever is committed meanwhile', async () => {
    stage.put(duplicated);
    const job = await makeJob(stage);
    const args = ['--use', 'reviewed', '--', ...slowReader];
    const { code, stdout } = await gateAround(job, args, async () => {
      await writeFile(join(job.cwd, 'parts.csv'), replaced);
      git(job.cwd, 'commit', '--quiet', '--all', '--message', 'other');
      stage.put(replaced);
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: `ready\n${reviewed}` });
  });

  test('an object that is replaced while it is read is judged anew, never mixed', async () => {
    // In a bucket without versions the pinned one is gone with the next.
    const bucket = 'unversioned';
    stage.server.createBucket(bucket);
    stage.server.putObject({ bucket, key, body: reviewed });
    const replace = (): unknown => stage.server.putObject({ bucket, key, body: conflicting });
    stage.server.faults.beforeGet(replace, { bucket });
    const job = await makeJob(stage, {
      'keydrift.yaml': contract().replace('s3://runtime', `s3://${bucket}`),
    });
    const { code, stderr } = await gate(job, ['--', 'echo', 'ran']);
    expect(code).toBe(121);
    expect(stderr).toContain('1 conflict');
    const whole = stage.server.requests.where({ operation: 'GetObject', status: 200 });
    expect(whole).toHaveLength(1);
  });

  test('the object is fetched once, and looked at once after', async () => {
    requires('a checksum where none was sent');
    stage.put(reviewed);
    const job = await makeJob(stage);
    expect((await gate(job, ['--', 'true'])).code).toBe(0);
    expect(stage.server.requests.entries.map(({ operation }) => operation)).toEqual([
      'GetObject',
      'HeadObject',
    ]);
  });

  test('an object that is removed meanwhile is told; the result stands', async () => {
    stage.put(reviewed);
    const job = await makeJob(stage);
    const args = ['--', 'sh', '-c', 'echo ready; read word; exit 4'];
    const { code, stderr } = await gateAround(job, args, () =>
      stage.server.deleteObject({ bucket: 'runtime', key }),
    );
    expect(code).toBe(4);
    expect(stderr).toContain('was removed since it was checked');
  });

  test('a store that fails after the command takes nothing from its result', async () => {
    requires('a checksum where none was sent');
    stage.put(reviewed);
    const job = await makeJob(stage);
    stage.server.faults.add({
      on: { operation: 'HeadObject' },
      fault: { kind: 'internal-error' },
    });
    const { code, stderr } = await gate(job, ['--', 'sh', '-c', 'exit 3']);
    expect(code).toBe(3);
    expect(stderr).toContain('could not be looked at again');
  });
});

describe('what the command gets', () => {
  test('a private read-only file, in arguments and environment', async () => {
    requires('versions');
    const { versionId } = stage.put(reviewed);
    const job = await makeJob(stage);
    const script = `stat -c '%a %F' "$KEYDRIFT_PARTS_FILE" "$(dirname "$(dirname "$KEYDRIFT_PARTS_FILE")")"
echo "$KEYDRIFT_PARTS_REVISION" "\${KEYDRIFT_PARTS_URL-none}" "$#"
for word; do echo "$word" | sed "s|$KEYDRIFT_PARTS_FILE|FILE|g"; done`;
    const words = [
      '{parts}',
      '--in={parts}:{parts}',
      '{other}',
      '{}',
      '{ parts }',
      '{{parts}}',
      '$&',
    ];
    const { code, stdout } = await gate(job, ['--', 'sh', '-c', script, 'sh', ...words], {
      KEYDRIFT_PARTS_URL: 's3://stale',
    });
    expect(code).toBe(0);
    expect(stdout).toBe(`400 regular file
700 directory
versionId:${versionId} none 7
FILE
--in=FILE:FILE
{other}
{}
{ parts }
{FILE}
$&
`);
  });

  test('only selected artifacts are placeholders, and the first -- is the split', async () => {
    stage.put(reviewed);
    const job = await makeJob(stage, {
      'keydrift.yaml': `${contract()}  other: {reviewed: parts.csv, runtime: parts.csv, key: [id]}\n`,
    });
    const { stdout } = await gate(job, ['parts', '--', 'echo', '--', '{other}', '--use']);
    expect(stdout).toBe('-- {other} --use\n');
  });

  test('several artifacts in one run', async () => {
    stage.put(reviewed);
    const job = await makeJob(stage, {
      'keydrift.yaml': `${contract()}  cal.2: {reviewed: parts.csv, runtime: file.txt, key: [id]}\n`,
      'file.txt': reviewed,
    });
    const script = 'cmp "$1" "$2" && echo "$2" "$KEYDRIFT_CAL_2_FILE" "$KEYDRIFT_CAL_2_REVISION"';
    const words = ['sh', '-c', script, 'sh', '{parts}', '{cal.2}'];
    const { code, stdout, stderr } = await gate(job, ['--', ...words]);
    expect(code).toBe(0);
    const [path, same, revision] = stdout.trim().split(' ');
    expect(same).toBe(path);
    expect(path).toMatch(/cal\.2\.txt$/);
    expect(revision).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(stderr.trim().split('\n')).toHaveLength(2);
  });

  test('stdin, stdout and stderr are its own', async () => {
    stage.put(reviewed);
    const job = await makeJob(stage);
    const running = startGate(job, ['--quiet', '--', 'sh', '-c', 'cat; echo oops >&2']);
    running.process.stdin!.end(Buffer.alloc(300_000, 'x'));
    const { code, stdout, stderr } = await running.end();
    expect({ code, length: stdout.length, stderr }).toEqual({
      code: 0,
      length: 300_000,
      stderr: 'oops\n',
    });
  });

  test('a revision without a version is the ETag', async () => {
    stage.server.createBucket('never');
    const { etag } = stage.server.putObject({ bucket: 'never', key, body: reviewed });
    const job = await makeJob(stage, {
      'keydrift.yaml': contract().replace('s3://runtime', 's3://never'),
    });
    const { stdout } = await gate(job, ['--', 'sh', '-c', 'echo "$KEYDRIFT_PARTS_REVISION"']);
    expect(stdout).toBe(`etag:${etag.replaceAll('"', '')}\n`);
  });
});

describe('the directory for private files', () => {
  test('one that is not there, or not writable, is no verdict', async () => {
    stage.put(reviewed);
    const job = await makeJob(stage);
    const { code, stderr } = await gate(job, ['--', 'echo', 'ran'], {
      KEYDRIFT_TMPDIR: join(job.cwd, 'nowhere'),
    });
    expect({ code, told: stderr.includes('PRIVATE_FILE_FAILED') }).toEqual({
      code: 125,
      told: true,
    });
    if (process.getuid?.() === 0) return;
    await chmod(job.temporary, 0o500);
    expect((await gate(job, ['--', 'echo', 'ran'])).code).toBe(125);
  });

  test('a report beside the log', async () => {
    stage.put(duplicated);
    const job = await makeJob(stage);
    const file = join(job.cwd, 'report.json');
    expect((await gate(job, ['-o', `json:${file}`, '--', 'true'])).code).toBe(121);
    const { stdout } = await runCli(['--version'], { cwd: job.cwd });
    const report: unknown = JSON.parse(await readFile(file, 'utf8'));
    expect(report).toMatchObject({
      command: 'run',
      exitCode: 121,
      tool: { version: stdout.trim() },
      artifacts: [{ verdict: 'drifted' }],
    });
    const unwritable = await gate(job, ['--no-fail', '-o', 'json:/nowhere/x', '--', 'echo', 'ran']);
    expect({ code: unwritable.code, stdout: unwritable.stdout }).toEqual({ code: 122, stdout: '' });
  });
});

describe('the log', () => {
  test('one line for each artifact, as text', async () => {
    requires('versions');
    const { versionId } = stage.put(reviewed);
    const job = await makeJob(stage);
    const { stdout, stderr } = await gate(job, ['--', 'true']);
    expect(stdout).toBe('');
    const commit = git(job.cwd, 'rev-parse', '--short=7', 'HEAD');
    expect(stderr).toBe(
      `keydrift: parts: in sync (identical); runtime: 3 rows, 3 units, 0 redundant; versionId:${versionId}; reviewed ${commit}\n`,
    );
    expect((await gate(job, ['--quiet', '--', 'true'])).stderr).toBe('');
  });

  test('the same facts as one JSON object a line', async () => {
    requires('versions');
    const { versionId } = stage.put(duplicated);
    const job = await makeJob(stage);
    const { stderr } = await gate(job, ['--log-format', 'json', '--', 'true']);
    const [artifact, last, ...more] = logOf(stderr);
    expect(artifact).toMatchObject({
      tool: 'keydrift',
      level: 'error',
      event: 'artifact',
      artifact: 'parts',
      outcome: 'refused',
      verdict: 'drifted',
      rows: 4,
      units: 3,
      redundant: 1,
      revision: `versionId:${versionId}`,
      findings: [{ kind: 'duplicated', key: { id: 'P-1' } }],
    });
    expect(last).toMatchObject({ event: 'not-started', exitCode: 121 });
    expect(more).toEqual([]);
  });

  test('errors are JSON lines too, also those of usage', async () => {
    const job = await makeJob(stage);
    for (const args of [['--nonsense', '--', 'true'], ['nobody', '--', 'true'], []]) {
      const { code, stdout, stderr } = await gate(job, ['--log-format=json', ...args]);
      expect({ code, stdout }).toEqual({ code: 122, stdout: '' });
      expect(logOf(stderr)).toMatchObject([{ event: 'error', exitCode: 122, level: 'error' }]);
    }
  });

  test('what a file says never reaches a terminal unescaped', async () => {
    const hostile = 'id,mode,note\n"\u001B[31mP\u202E\u009B",x,\n"\u001B[31mP\u202E\u009B",x,\n';
    stage.put(hostile);
    const job = await makeJob(stage);
    for (const format of ['text', 'json']) {
      const { stderr } = await gate(job, ['--log-format', format, '--', 'true']);
      // oxlint-disable-next-line no-control-regex -- these are what must not be there
      expect(stderr).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202E]/);
    }
  });
});
