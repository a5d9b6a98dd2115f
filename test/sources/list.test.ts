import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { fileAt, gitAt, objectAt } from './locations.ts';
import { failureOf } from './port-suite.ts';
import { isolated, makeRepository, scratch, userId } from './git-fixture.ts';
import { bucket, plainAccess, setStage } from './s3/fixture.ts';
import type { Folder, ListedFile, Location, Source } from '../../src/model/index.ts';
import { openFileSource } from '../../src/sources/file/file.ts';
import { openGitSource } from '../../src/sources/git/git.ts';
import { schemes } from '../../src/sources/index.ts';

/* What lies below a folder, as every store that can list tells it. */

const files: Readonly<Record<string, string>> = {
  '.part-0.csv.crc': 'x',
  _SUCCESS: '',
  'date=2026-01-31/part-0.csv': 'id\n1\n',
  'date=2026-02-01/part 1+ü.csv': 'id\n22\n',
  'deep/er/b.csv': 'id\n',
  'part-0.csv': 'id\n3\n',
};

const stage = setStage();
const at = scratch();
const repository = makeRepository(join(at.path, 'r'));
for (const [name, text] of Object.entries(files)) repository.write(`table/${name}`, text);
repository.write('table2/other.csv', 'id\n');
repository.commit('table');
repository.write('table/uncommitted.csv', 'id\n');
const sources: Source[] = [];
afterAll(async () => {
  await Promise.all(sources.map((source) => source.close()));
  at.remove();
});

/** A store with these files below a folder, and the folder. */
const stores: Readonly<Record<string, () => readonly [Source, Location, Location]>> = {
  git: () => {
    const cacheDirectory = join(at.path, 'cache');
    const source = openGitSource({ userId, ref: 'HEAD', cacheDirectory, environment: isolated });
    return [source, gitAt(join(repository.root, 'table')), gitAt(join(repository.root, 'none'))];
  },
  file: () => {
    const plain = makeRepository(join(at.path, 'plain'));
    for (const [name, text] of Object.entries(files)) plain.write(`table/${name}`, text);
    const folder = (name: string): Location => fileAt(join(plain.root, name));
    return [openFileSource(), folder('table'), folder('none')];
  },
  s3: () => {
    for (const [name, text] of Object.entries(files)) stage.put(`table/${name}`, text);
    stage.put('table2/other.csv', 'id\n');
    stage.put('table/gone.csv', 'id\n');
    stage.server.deleteObject({ bucket, key: 'table/gone.csv' });
    const folder = (key: string): Location => objectAt(bucket, key, { access: plainAccess });
    return [stage.open(), folder('table'), folder('none')];
  },
};

test('every store that can list is tried', () => {
  const listing = Object.entries(schemes).filter(([, scheme]) => scheme.asFolder !== undefined);
  expect(listing.map(([kind]) => kind).sort()).toStrictEqual(Object.keys(stores).sort());
});

test.for(Object.keys(stores))(
  'what lies below a folder in %s, and nothing beside it',
  async (kind) => {
    const [source, location, absent] = stores[kind]!();
    sources.push(source);
    const list = async (of: Location): Promise<readonly ListedFile[]> =>
      source.list!(schemes[kind]!.asFolder!(of) as Folder);
    const listed = await list(location);
    expect(listed.map(({ name, bytes }) => [name, bytes])).toStrictEqual(
      Object.entries(files).map(([name, text]) => [name, Buffer.byteLength(text)]),
    );
    // What is listed can be pinned, and is what was listed.
    const part = listed.find(({ name }) => name.endsWith('ü.csv'))!;
    const copy = await source.pin(part.location, 'revision');
    expect(copy.bytes).toBe(part.bytes);
    expect(await list(absent)).toStrictEqual([]);
    // Told again, an unchanged file is unchanged.
    expect(await list(location)).toStrictEqual(listed);
  },
);

test('a folder of files behind a link might be listed twice: it is refused', async () => {
  const root = makeRepository(join(at.path, 'linked'));
  root.write('table/a.csv', 'id\n');
  symlinkSync(join(root.root, 'table'), join(root.root, 'table/again'));
  symlinkSync(join(root.root, 'table/a.csv'), join(root.root, 'table/b.csv'));
  symlinkSync('nowhere', join(root.root, 'table/c.csv'));
  const source = openFileSource();
  sources.push(source);
  const folder = { root: fileAt(join(root.root, 'table')), prefix: '' };
  const error = await failureOf(source.list!(folder));
  expect(error.code).toBe('FILE_NOT_A_FILE');
  expect(error.message).toContain('again');
});
