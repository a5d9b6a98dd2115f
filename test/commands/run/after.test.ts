import { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runInProcess } from '../../integration/in-process.ts';
import {
  isolated,
  makeRepository,
  scratch,
  type Scratch,
  type TestRepository,
} from '../../sources/git-fixture.ts';

let at: Scratch;
let repository: TestRepository;
beforeAll(() => {
  at = scratch();
  repository = makeRepository(join(at.path, 'r'));
  repository.write('a.csv', 'id\n1\n');
  repository.write('b.csv', 'id\n1\n');
  repository.write(
    'keydrift.yaml',
    'version: 1\nartifacts:\n  p: {reviewed: a.csv, runtime: "git:HEAD:a.csv", key: [id]}\n  q: {reviewed: a.csv, runtime: b.csv, key: [id]}\n',
  );
  repository.commit('first');
});
afterAll(() => at.remove());

/** Runs a shell line in the gate; gives what the look afterwards warned of. */
async function warnedOf(artifact: string, line: string): Promise<readonly string[]> {
  const temporary = join(at.path, 'tmp');
  mkdirSync(temporary, { recursive: true });
  const { code, stderr } = await runInProcess({
    words: ['run', artifact, '--log-format', 'json', '--', 'sh', '-c', line],
    cwd: repository.root,
    environment: { ...isolated, KEYDRIFT_TMPDIR: temporary },
  });
  expect(code).toBe(0);
  const events = stderr
    .split('\n')
    .flatMap((text): { code?: string; message?: string }[] =>
      text === '' ? [] : [JSON.parse(text)],
    );
  return events.flatMap(({ code: name, message }) =>
    name === 'COPY_REPLACED' ? [message ?? ''] : [],
  );
}

describe('after the command', () => {
  test('a commit that leaves a runtime file in git as it was is no change of it', async () => {
    const empty = 'git commit --quiet --allow-empty --message other';
    expect(await warnedOf('p', empty)).toEqual([]);
    const other = `printf 'x' > c.csv && git add c.csv && git commit --quiet --message other`;
    expect(await warnedOf('p', other)).toEqual([]);
    const changed = `printf 'id\\n2\\n' > a.csv && git commit --quiet --all --message changed`;
    const [warning] = await warnedOf('p', changed);
    expect(warning).toContain('was replaced since it was checked (commit:');
  });

  test('a plain file that was written anew with the same bytes is no change, other bytes are', async () => {
    const path = join(repository.root, 'b.csv');
    writeFileSync(path, readFileSync(join(repository.root, 'a.csv')));
    expect(await warnedOf('q', `cp a.csv b.csv && touch -d 2020-01-01 b.csv`)).toEqual([]);
    utimesSync(path, new Date(), new Date());
    const [warning] = await warnedOf('q', `printf 'id\\n3\\n' > b.csv`);
    expect(warning).toContain('other bytes now');
  });
});
