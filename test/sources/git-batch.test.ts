import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openBatch, type Batch } from '../../src/sources/git/cat-file.ts';
import { gitEnvironment } from '../../src/sources/git/environment.ts';
import { isolated, makeRepository, scratch, type TestRepository } from './git-fixture.ts';
import { failureOf } from './port-suite.ts';

const at = scratch();
let repository: TestRepository;
let damaged: string;
const batches: Batch[] = [];
const contents = Array.from({ length: 200 }, (_, index) => `${index}\n`.repeat(index * 37));

beforeAll(() => {
  repository = makeRepository(join(at.path, 'repository'));
  contents.forEach((content, index) => repository.write(`f${index}`, content));
  repository.commit('all');
  damaged = repository.git('rev-parse', 'HEAD:f150');
  mkdirSync(older());
  const refusal = `case "$*" in *--batch-command*) echo >> "$0.refused"; exit 129;; esac\nexec git "$@"\n`;
  const script = `#!/bin/sh\nPATH='${isolated['PATH']}'\n${refusal}`;
  writeFileSync(join(older(), 'git'), script, { mode: 0o755 });
});
afterAll(async () => {
  await Promise.all(batches.map((batch) => batch.close()));
  at.remove();
});

/** Makes f150 no object, as long as the test runs. */
function damage(): void {
  const file = join(repository.root, '.git/objects', damaged.slice(0, 2), damaged.slice(2));
  const whole = readFileSync(file);
  const put = (bytes: string | Buffer): void => {
    rmSync(file);
    writeFileSync(file, bytes);
  };
  put('no zlib at all');
  onTestFinished(() => put(whole));
}

/** Where a git is that takes names alone, as that of before 2.36. */
const older = (): string => join(at.path, 'older');

function openBy(git: 'this git' | 'an older git'): Batch {
  const { root } = repository;
  const environment = gitEnvironment(
    git === 'this git' ? isolated : { ...isolated, PATH: older() },
  );
  const batch = openBatch({ directory: root, environment, name: root });
  batches.push(batch);
  return batch;
}

const textOf = (bytes: Uint8Array | null): string =>
  bytes === null ? 'too large' : Buffer.from(bytes).toString();

describe.each(['this git', 'an older git'] as const)('%s', (version) => {
  const open = (): Batch => openBy(version);

  test('what is asked for at once is answered each to its own, missing ones too', async () => {
    const batch = open();
    const answers = await Promise.all(
      contents.flatMap((_, index) => [
        batch.read(`HEAD:f${index}`).then(({ bytes }) => textOf(bytes)),
        batch.read(`HEAD:no ${index}`).catch(({ code }: { code: string }) => code),
      ]),
    );
    expect(answers).toEqual(contents.flatMap((content) => [content, 'GIT_FAILED']));
  });

  test('one that is too large in between ends the process, and nobody else is the poorer', async () => {
    const batch = open();
    const asked = contents.map((_, index) => batch.peek(`HEAD:f${index}`, 29_000));
    const answers = await Promise.all(asked);
    expect(answers.map(({ bytes }) => textOf(bytes))).toEqual(
      contents.map((content) => (content.length > 29_000 ? 'too large' : content)),
    );
    expect(answers.map(({ size }) => size)).toEqual(contents.map(({ length }) => length));
  });

  test('sizes are told of what is there, while others ask for what is in it', async () => {
    const batch = open();
    const names = contents.flatMap((_, index) => [`HEAD:f${index}`, `HEAD:no ${index}`]);
    const [sizes, more, none, ...read] = await Promise.all([
      batch.sizes(names),
      batch.sizes(['HEAD:no ', 'HEAD:f3']),
      batch.sizes([]),
      ...contents.map((_, index) => batch.read(`HEAD:f${index}`)),
    ]);
    expect([...sizes]).toEqual(contents.map(({ length }, index) => [`HEAD:f${index}`, length]));
    expect([...more]).toEqual([['HEAD:f3', contents[3]!.length]]);
    expect([...none]).toEqual([]);
    expect(read.map(({ bytes }) => textOf(bytes))).toEqual(contents);
    expect(existsSync(join(older(), 'git.refused'))).toBe(version === 'an older git');
    expect([...(await batch.sizes(['HEAD:f1']))]).toEqual([['HEAD:f1', contents[1]!.length]]);
  });

  test('one that is damaged fails alone, and by its own name', async () => {
    damage();
    const batch = open();
    const asked = [149, 150, 151, 152].map((index) => batch.read(`HEAD:f${index}`));
    const settled = await Promise.allSettled(asked);
    expect(settled.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
    ]);
    expect((await failureOf(asked[1]!)).message).toContain('f150');
  });

  test('who waits when it is closed is told so', async () => {
    const batch = open();
    const asked = contents.map((_, index) => batch.read(`HEAD:f${index}`));
    const settled = Promise.allSettled(asked);
    await batch.close();
    expect((await settled).some(({ status }) => status === 'rejected')).toBe(true);
    expect((await failureOf(batch.read('HEAD:f1'))).message).toContain('closed');
    expect((await failureOf(batch.sizes(['HEAD:f1']))).message).toContain('closed');
  });
});
