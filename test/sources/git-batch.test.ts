import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBatch, type Batch } from '../../src/sources/git/cat-file.ts';
import { gitEnvironment } from '../../src/sources/git/environment.ts';
import { isolated, makeRepository, scratch, type TestRepository } from './git-fixture.ts';
import { failureOf } from './port-suite.ts';

const at = scratch();
let repository: TestRepository;
const batches: Batch[] = [];
const contents = Array.from({ length: 200 }, (_, index) => `${index}\n`.repeat(index * 37));

beforeAll(() => {
  repository = makeRepository(join(at.path, 'repository'));
  contents.forEach((content, index) => repository.write(`f${index}`, content));
  repository.commit('all');
});
afterAll(async () => {
  await Promise.all(batches.map((batch) => batch.close()));
  at.remove();
});

function open(): Batch {
  const { root } = repository;
  const environment = gitEnvironment(isolated);
  const batch = openBatch({ directory: root, environment, name: root });
  batches.push(batch);
  return batch;
}

const textOf = (bytes: Uint8Array | null): string =>
  bytes === null ? 'too large' : Buffer.from(bytes).toString();

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

test('one that is damaged fails alone, and by its own name', async () => {
  const id = repository.git('rev-parse', 'HEAD:f150');
  const file = join(repository.root, '.git/objects', id.slice(0, 2), id.slice(2));
  rmSync(file, { force: true });
  writeFileSync(file, 'no zlib at all');
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
});
