import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { readNamed } from '../../src/sources/file/named.ts';
import { lookAtTokenFiles, profilesOf, readCaBundle } from '../../src/sources/s3/named-files.ts';
import { loadSdk } from '../../src/sources/s3/sdk.ts';
import { reviewed } from './beside.ts';
import { makeRepository, runCli, runJson, temporaryDirectory } from './cli.ts';

const contract = `version: 1
artifacts:
  a: {reviewed: reviewed.csv, runtime: s3://bucket/key, key: [id]}
`;

/** A repository in which `pipe` is a FIFO that nobody writes to, and whatever waits for it is let go. */
async function stage(): Promise<{ readonly cwd: string; readonly pipe: string }> {
  const cwd = await makeRepository({ 'keydrift.yaml': contract, 'reviewed.csv': reviewed });
  const pipe = join(cwd, 'pipe');
  execFileSync('mkfifo', [pipe]);
  onTestFinished(() => closeSync(openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK)));
  return { cwd, pipe };
}

/** Nothing is asked there: what is named is looked at before. */
const nowhere = { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1', AWS_REGION: 'us-east-1' };
const keys = { AWS_ACCESS_KEY_ID: 'k', AWS_SECRET_ACCESS_KEY: 's' };

describe('a FIFO without a writer, named by a variable', () => {
  test.each<readonly [variable: string, beside: Readonly<Record<string, string>>]>([
    ['AWS_CONFIG_FILE', keys],
    ['AWS_SHARED_CREDENTIALS_FILE', keys],
    ['AWS_CA_BUNDLE', keys],
    ['AWS_WEB_IDENTITY_TOKEN_FILE', { AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/r' }],
    [
      'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
      { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:1/keys' },
    ],
  ])('%s', async (variable, beside) => {
    const { cwd, pipe } = await stage();
    const env = { ...nowhere, ...beside, [variable]: pipe };
    const { report } = await runJson(['audit'], { cwd, env });
    const error = report.artifacts[0]?.error;
    expect(error).toMatchObject({ code: 'LOCATION_INVALID' });
    expect(error?.message).toContain(`${variable} names ${pipe}, a FIFO`);
    expect(error?.hint).toContain('file');
    expect(report.exitCode).toBe(2);
  });

  test.each([
    ['~/.aws/config', 'config'],
    ['~/.aws/credentials', 'credentials'],
  ])('or by none: %s', async (named, name) => {
    const { cwd, pipe } = await stage();
    await mkdir(join(cwd, '.aws'));
    await symlink(pipe, join(cwd, '.aws', name));
    const { report } = await runJson(['audit'], { cwd, env: { ...nowhere, ...keys } });
    expect(report.artifacts[0]?.error?.message).toContain(
      `${named} is ${cwd}/.aws/${name}, a FIFO`,
    );
  });

  test.each([
    ['ca_bundle', 'ca_bundle = PIPE'],
    ['web_identity_token_file', 'role_arn = arn:aws:iam::1:role/r\nweb_identity_token_file = PIPE'],
    [
      'web_identity_token_file',
      'role_arn = arn:aws:iam::1:role/r\nsource_profile = b\n[profile b]\nrole_arn = arn:aws:iam::1:role/b\nweb_identity_token_file = PIPE',
    ],
  ])('or by %s of a profile', async (word, lines) => {
    const { cwd, pipe } = await stage();
    const config = join(cwd, 'config');
    await writeFile(config, `[default]\n${lines.replace('PIPE', pipe)}\n`);
    const env = { ...nowhere, AWS_CONFIG_FILE: config };
    const { report } = await runJson(['audit'], { cwd, env });
    expect(report.artifacts[0]?.error).toMatchObject({ code: 'LOCATION_INVALID' });
    expect(report.artifacts[0]?.error?.message).toContain(`${word} of the profile`);
    expect(report.artifacts[0]?.error?.message).toContain(`${pipe}, a FIFO`);
  });

  test.each(['AWS_CONFIG_FILE', 'AWS_WEB_IDENTITY_TOKEN_FILE'])(
    '%s, for Athena',
    async (variable) => {
      const { cwd, pipe } = await stage();
      const lake = `version: 1
engines:
  aws: {athena: {workgroup: w, database: d, region: eu-central-1, endpoint: "http://127.0.0.1:1"}}
artifacts:
  a: {reviewed: reviewed.csv, runtime: {table: t}, key: [id]}
`;
      await writeFile(join(cwd, 'keydrift.yaml'), lake);
      const { report } = await runJson(['audit'], { cwd, env: { [variable]: pipe } });
      expect(report.artifacts[0]?.error?.message).toContain(`${variable} names ${pipe}, a FIFO`);
    },
  );

  test('a device without end is none either, but nothing at all may be named', async () => {
    const { cwd } = await stage();
    const messages = ['/dev/zero', '/dev/null'].map(async (AWS_CONFIG_FILE) => {
      const env = { ...nowhere, ...keys, AWS_CONFIG_FILE };
      const { report } = await runJson(['audit'], { cwd, env });
      return report.artifacts[0]?.error;
    });
    const [zero, none] = await Promise.all(messages);
    expect(zero?.message).toContain('AWS_CONFIG_FILE names /dev/zero, a device');
    expect(none?.code).toBe('STORE_UNREACHABLE');
  });
});

describe('a FIFO without a writer, named by a flag', () => {
  test.each<readonly [code: string, words: readonly string[], says: string]>([
    ['CONTRACT_UNREADABLE', ['audit', '--config', 'pipe'], '--config'],
    ['CONTRACT_UNREADABLE', ['lint', '--config', 'includes.yaml'], '--config'],
    ['FILE_NOT_A_FILE', ['audit', '--previous', 'pipe'], 'pipe'],
    ['FILE_NOT_A_FILE', ['diff', 'reviewed.csv', 'pipe', '--key', 'id'], 'pipe'],
    ['PLAN_UNREADABLE', ['publish', '--apply', 'pipe', '--yes'], '--apply'],
    ['REPORT_UNREADABLE', ['report', 'show', 'pipe'], 'pipe'],
    ['REPORT_UNREADABLE', ['report', 'merge', 'pipe', 'pipe'], 'pipe'],
    ['USAGE', ['init', '--from', 'pipe'], '--from'],
    ['FILE_NOT_A_FILE', ['init', 'pipe'], 'pipe'],
  ])('%s: %j', async (code, words, says) => {
    const { cwd } = await stage();
    await writeFile(join(cwd, 'includes.yaml'), 'version: 1\ninclude: [pipe]\nartifacts: {}\n');
    const { code: exit, stdout, stderr } = await runCli(words, { cwd });
    const said = (stdout + stderr).replaceAll(/\s+/g, ' ');
    expect(said).toContain(code);
    expect(said).toContain(says);
    expect(said).toContain('a FIFO (a named pipe)');
    expect(exit).toBe(2);
  });
});

describe('a pipe that the caller opened, as <(…) is one', () => {
  /** As many as hold every thread of Node's pool, were they waited for by one. */
  const many = 8;

  /** How many descriptors of this process lie in a directory. */
  async function openEnds(directory: string): Promise<number> {
    const names = await readdir('/proc/self/fd');
    const links = await Promise.all(
      names.map((name) => readlink(join('/proc/self/fd', name)).catch(() => '')),
    );
    return links.filter((link) => link.startsWith(`${directory}/`)).length;
  }

  // Only Linux tells what a process has open.
  test.skipIf(process.platform !== 'linux')(
    'is read to its end, and takes no thread while it is waited for',
    async () => {
      const directory = await temporaryDirectory();
      const pipes = Array.from({ length: many }, (_, at) => join(directory, String(at)));
      execFileSync('mkfifo', pipes);
      const ends = pipes.map((pipe) => openSync(pipe, constants.O_RDWR));
      const reading = ends.map((end) =>
        readNamed(`/proc/self/fd/${end}`, (kind) => new Error(kind)),
      );
      await vi.waitFor(async () => expect(await openEnds(directory)).toBe(2 * many));
      const other = join(directory, 'other');
      await writeFile(other, 'read meanwhile');
      expect(await readFile(other, 'utf8')).toBe('read meanwhile');
      for (const [at, pipe] of pipes.entries()) {
        await writeFile(pipe, `from ${at}`);
        closeSync(ends[at]!);
      }
      const texts = (await Promise.all(reading)).map(String);
      expect(texts).toEqual(pipes.map((_, at) => `from ${at}`));
    },
  );

  /** A pipe with some text; `ended`: no writer has it open. */
  async function piped(text: string, end: 'ended' | 'kept open'): Promise<string> {
    const pipe = join(await temporaryDirectory(), 'pipe');
    execFileSync('mkfifo', [pipe]);
    const writer = openSync(pipe, constants.O_RDWR);
    const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
    writeSync(writer, text);
    if (end === 'ended') closeSync(writer);
    else onTestFinished(() => closeSync(writer));
    onTestFinished(() => closeSync(reader));
    return `/proc/self/fd/${reader}`;
  }

  const variables = [
    ['AWS_CONFIG_FILE', '[default]\nregion = r\n'],
    ['AWS_SHARED_CREDENTIALS_FILE', '[default]\nregion = r\n'],
    ['AWS_WEB_IDENTITY_TOKEN_FILE', 'token'],
    ['AWS_CA_BUNDLE', 'authorities'],
  ] as const;

  /** What a connection takes from the file that a variable names. */
  async function taken(
    variable: string,
    path: string,
    withinMs: number,
    read = new Map<string, Promise<Buffer>>(),
  ): Promise<unknown> {
    const sdk = await loadSdk();
    // No other file: there is none of the home's then.
    const environment = { HOME: '/nonexistent', [variable]: path };
    const pipes = { withinMs, read };
    if (variable === 'AWS_CA_BUNDLE') {
      return String(await readCaBundle(environment, 'default', path, pipes));
    }
    const profiles = await profilesOf(sdk, environment, pipes);
    await lookAtTokenFiles(sdk, environment, profiles, 'default', pipes);
    const token = sdk.externalDataInterceptor.getTokenRecord()[path];
    return token ?? profiles['default']?.['region'];
  }

  test.skipIf(process.platform !== 'linux').each(variables)(
    'named by %s is read once for all that ask, and not waited for without an end',
    async (variable, text) => {
      const ended = await piped(text, 'ended');
      const told = text.startsWith('[') ? 'r' : text;
      const read = new Map<string, Promise<Buffer>>();
      expect(await taken(variable, ended, 20_000, read)).toBe(told);
      expect(await taken(variable, ended, 20_000, read)).toBe(told);
      const open = await piped(text, 'kept open');
      await expect(taken(variable, open, 100)).rejects.toMatchObject({
        code: 'LOCATION_INVALID',
        message: expect.stringMatching(
          `${variable} names ${open}, a pipe that its writer keeps open .+ bytes in 0.1 s`,
        ) as unknown,
      });
    },
  );

  test.skipIf(process.platform !== 'linux')('that is read again and again is refused', async () => {
    const variable = 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE';
    await expect(taken(variable, await piped('x', 'ended'), 100)).rejects.toThrow(
      /names .+ a pipe, which can be read only once/,
    );
  });
});
