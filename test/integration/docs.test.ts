import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { startS3Server } from '../../localstack/s3-server/index.ts';
import { bareEnvironment, git, makeRepository, runCli } from './cli.ts';

interface Block {
  readonly language: string;
  readonly text: string;
}

/** The fenced blocks of a page of docs/. */
function blocksOf(page: string): readonly Block[] {
  const text = readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8');
  return [...text.matchAll(/^```(\w+)\n([^]*?)^```$/gm)].map(([, language = '', block = '']) => ({
    language,
    text: block,
  }));
}

function firstOf(blocks: readonly Block[], language: string): string {
  return blocks.find((block) => block.language === language)?.text ?? '';
}

/** A line as a shell reads it, as far as these pages go: words, quotes, and the exit code it says. */
function readLine(line: string): { readonly words: readonly string[]; readonly code: number } {
  const [, command = '', code = '0'] = /^(.*?)(?:\s+# exit (\d+))?$/.exec(line) ?? [];
  const words = command.match(/'[^']*'|[^\s']+/g) ?? [];
  return { words: words.map((word) => word.replaceAll("'", '')), code: Number(code) };
}

test('every command of the page on releases does what it says', async () => {
  const server = await startS3Server();
  onTestFinished(() => server.close());
  server.createBucket('prod-runtime', { versioning: 'Enabled' });
  const blocks = blocksOf('release.md');
  const cwd = await makeRepository({
    'support/participants.csv': firstOf(blocks, 'csv'),
    'keydrift.yaml': firstOf(blocks, 'yaml'),
  });
  git(cwd, 'config', 'user.name', 'Test');
  git(cwd, 'config', 'user.email', 'test@example.org');
  const env = {
    AWS_ENDPOINT_URL: server.endpoint,
    AWS_ACCESS_KEY_ID: server.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: server.credentials.secretAccessKey,
    AWS_REGION: 'us-east-1',
  };
  const lines = blocks
    .filter(({ language }) => language === 'sh')
    .flatMap(({ text }) => text.split('\n').filter((line) => line !== ''));
  let run = 0;
  for (const line of lines) {
    const { words, code } = readLine(line);
    if (words[0] === 'keydrift') {
      const result = await runCli(words.slice(1), { cwd, env });
      expect({ line, code: result.code, told: result.code === code ? '' : result }).toEqual({
        line,
        code,
        told: '',
      });
      run += 1;
    } else {
      await promisify(execFile)('bash', ['-euc', line], { cwd, env: bareEnvironment(cwd) });
    }
  }
  expect(run).toBeGreaterThan(10);
  expect(git(cwd, 'status', '--short', '--untracked-files=no')).toBe('');
});
