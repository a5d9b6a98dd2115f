import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startS3Server } from '../../../localstack/s3-server/index.ts';
import {
  faultClass,
  type BundlePlace,
  type Location,
  type S3Location,
  type Source,
} from '../../../src/model/index.ts';
import { manifestText, openBundleSource } from '../../../src/sources/bundle/index.ts';
import { openS3Source } from '../../../src/sources/s3/s3.ts';
import { scratch, type Scratch } from '../git-fixture.ts';
import { describeSource, failureOf, readAll } from '../port-suite.ts';
import { environmentOf, plainAccess } from '../s3/fixture.ts';
import {
  blobOf,
  bundled,
  directoryPlace,
  hashOf,
  locationOf,
  manifestOf,
  pinPlain,
  storesOf,
  writeBundle,
} from './fixture.ts';
import { schemes } from '../../../src/sources/index.ts';
import { objectAt } from '../locations.ts';

describeSource('a bundle in a directory', async (bytes) => {
  const at = scratch();
  const plain = pinPlain();
  writeBundle(at.path, manifestOf([bundled(bytes)]), [bytes]);
  return {
    source: endingAll(openBundleSource(plain.stores), plain.close),
    location: locationOf(directoryPlace(at.path)),
    absent: locationOf(directoryPlace(join(at.path, 'elsewhere'))),
    remove: async () => at.remove(),
  };
});

describeSource('a bundle in S3', async (bytes) => {
  const server = await startS3Server();
  server.createBucket('release', { versioning: 'Enabled' });
  const put = (key: string, body: Buffer): void =>
    void server.putObject({ bucket: 'release', key, body });
  put(`v1/files/${hashOf(bytes)}`, Buffer.from(bytes));
  put('v1/keydrift.bundle.json', Buffer.from(manifestText(manifestOf([bundled(bytes)]))));
  const s3 = openS3Source({ environment: environmentOf(server) });
  const source = openBundleSource(storesOf((location) => s3.pin(location as S3Location)));
  const root = objectAt('release', '', { access: plainAccess });
  const under = (prefix: string): BundlePlace => ({
    folder: { root, prefix },
    shown: `s3://release/${prefix}`,
  });
  return {
    source: endingAll(source, () => s3.close()),
    location: locationOf(under('v1/')),
    absent: locationOf(under('v2/')),
    remove: () => server.close(),
  };
});

/** The bundle source, and what it reads with, ended together as a run ends them. */
function endingAll<L extends Location>(source: Source<L>, end: () => Promise<void>): Source<L> {
  return {
    pin: (location) => source.pin(location),
    async close() {
      await source.close();
      await end();
    },
  };
}

const arrived = { arrivedAt: '2026-01-01T00:00:00.000Z', replacedAt: null };

describe('a bundle', () => {
  let at: Scratch;
  const plain = pinPlain();
  beforeEach(() => {
    at = scratch();
  });
  afterEach(() => at.remove());

  test('its copies name the bundle, its manifest and what it was made of', async () => {
    const manifest = manifestOf([bundled('id\n1\n'), bundled('id\n2\n', { copy: 'us' })]);
    writeBundle(at.path, manifest, ['id\n1\n', 'id\n2\n']);
    const source = openBundleSource(plain.stores);
    const eu = await source.pin(locationOf(directoryPlace(at.path), { copy: 'eu' }));
    expect(eu.location).toBe('bundle:build/bundle#participants');
    expect(eu.revision.against).toBe('bundle:build/bundle');
    expect(eu.revision.facts).toEqual({
      manifest: hashOf(manifestText(manifest)),
      commit: 'c'.repeat(40),
      committedAt: '2026-01-02T03:04:05.000Z',
      blob: blobOf('id\n1\n'),
    });
    const us = await source.pin(locationOf(directoryPlace(at.path), { copy: 'us' }));
    expect(us.location).toBe('bundle:build/bundle#participants@us');
    expect(String(await readAll(us))).toBe('id\n2\n');
  });

  test('an earlier version is pinned by the commit with which it arrived', async () => {
    const { blob, bytes, sha256, file } = bundled('id\n0\n');
    const old = { commit: 'e'.repeat(40), arrivedAt: '2026-01-01T00:00:00.000Z', replacedAt: null };
    const versions = [{ ...old, blob, bytes, sha256, file }];
    writeBundle(at.path, manifestOf([bundled('id\n1\n', { versions })]), ['id\n0\n', 'id\n1\n']);
    const source = openBundleSource(plain.stores);
    const place = directoryPlace(at.path);
    const copy = await source.pin(locationOf(place, { arrival: old.commit }));
    expect(String(await readAll(copy))).toBe('id\n0\n');
    expect(copy.revision.facts).toMatchObject({ commit: old.commit, committedAt: old.arrivedAt });
    const none = source.pin(locationOf(place, { arrival: 'f'.repeat(40) }));
    expect((await failureOf(none)).code).toBe('BUNDLE_INVALID');
  });

  test('one that is named by its manifest is that one, or none', async () => {
    const manifest = manifestOf([bundled('id\n1\n')]);
    writeBundle(at.path, manifest, ['id\n1\n']);
    const sha256 = hashOf(manifestText(manifest));
    const source = openBundleSource(plain.stores);
    const place = directoryPlace(at.path);
    const copy = await source.pin(locationOf({ ...place, sha256 }));
    expect(copy.revision.against).toBe(`bundle:build/bundle#sha256=${sha256}`);
    const other = source.pin(locationOf({ ...place, sha256: 'f'.repeat(64) }));
    const error = await failureOf(other);
    expect(error.code).toBe('BUNDLE_OTHER');
    expect(error.message).toContain(sha256);
  });

  test('a manifest that gives a content the blob of another is damaged', async () => {
    const honest = bundled('id\n1\n');
    for (const forged of [
      { ...honest, blob: blobOf('id\n2\n') },
      { ...honest, versions: [{ ...bundled('id\n1\n'), blob: blobOf('x'), ...arrived }] },
    ]) {
      writeBundle(at.path, manifestOf([forged]), ['id\n1\n']);
      const source = openBundleSource(plain.stores);
      const error = await failureOf(source.pin(locationOf(directoryPlace(at.path))));
      expect(error.code).toBe('BUNDLE_DAMAGED');
      expect(error.message).toContain('blob');
    }
    // A file that git keeps as a Git LFS pointer is the pointer's blob.
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${honest.sha256}\nsize 5\n`;
    writeBundle(at.path, manifestOf([{ ...honest, blob: blobOf(pointer) }]), ['id\n1\n']);
    const source = openBundleSource(plain.stores);
    const copy = await source.pin(locationOf(directoryPlace(at.path)));
    expect(String(await readAll(copy))).toBe('id\n1\n');
  });

  test('an artifact that it does not have is an error that names those it has', async () => {
    writeBundle(at.path, manifestOf([bundled('x')]), ['x']);
    const source = openBundleSource(plain.stores);
    const error = await failureOf(
      source.pin(locationOf(directoryPlace(at.path), { artifact: 'calendar', copy: 'eu' })),
    );
    expect(error.code).toBe('UNKNOWN_ARTIFACT');
    expect(error.message).toContain('calendar@eu');
    expect(error.hint).toContain('participants');
  });

  test('a changed, cut, missing or earlier file is an error that names it, whichever is read', async () => {
    const other = bundled('other', { artifact: 'calendar' });
    const { blob, bytes, sha256, file } = bundled('before');
    const version = {
      commit: 'e'.repeat(40),
      arrivedAt: '2026-01-01T00:00:00.000Z',
      replacedAt: null,
    };
    const versions = [{ ...version, blob, bytes, sha256, file }];
    const manifest = manifestOf([other, bundled('rows', { versions })]);
    for (const spoilt of [other.file, file]) {
      const path = join(at.path, spoilt);
      for (const spoil of [
        () => writeFileSync(path, 'Other'),
        () => writeFileSync(path, ''),
        () => rmSync(path),
      ]) {
        writeBundle(at.path, manifest, ['other', 'rows', 'before']);
        spoil();
        const error = await failureOf(
          openBundleSource(plain.stores).pin(locationOf(directoryPlace(at.path))),
        );
        expect(error.code).toBe('BUNDLE_DAMAGED');
        expect(error.message).toContain(spoilt);
      }
    }
  });

  test('files that the manifest does not name are nothing to a reader', async () => {
    writeBundle(at.path, manifestOf([bundled('rows')]), ['rows', 'left over']);
    writeFileSync(join(at.path, 'README'), 'hello');
    const copy = await openBundleSource(plain.stores).pin(locationOf(directoryPlace(at.path)));
    expect(String(await readAll(copy))).toBe('rows');
  });

  test('a bundle replaced while it is read is read again, never mixed', async () => {
    writeBundle(at.path, manifestOf([bundled('old')]), ['old']);
    let replaced = false;
    const stores = storesOf((location) => {
      if (!replaced && schemes['file']!.textOf(location).includes('/files/')) {
        replaced = true;
        writeBundle(at.path, manifestOf([bundled('new')]), ['new']);
        rmSync(join(at.path, 'files', hashOf('old')));
      }
      return plain.stores.pin(location);
    });
    const source = openBundleSource(stores);
    const copy = await source.pin(locationOf(directoryPlace(at.path)));
    expect(String(await readAll(copy))).toBe('new');
  });

  test('a copy whose file is gone after the pin is COPY_CHANGED, and the next pin reads anew', async () => {
    const place = directoryPlace(at.path);
    writeBundle(at.path, manifestOf([bundled('old')]), ['old']);
    const source = openBundleSource(plain.stores);
    const copy = await source.pin(locationOf(place));
    writeBundle(at.path, manifestOf([bundled('new')]), ['new']);
    rmSync(join(at.path, 'files', hashOf('old')));
    expect((await failureOf(readAll(copy))).code).toBe('COPY_CHANGED');
    expect(String(await readAll(await source.pin(locationOf(place))))).toBe('new');
  });

  test('replaced by one with another contract, it is no bundle of this run any more', async () => {
    const place = directoryPlace(at.path);
    writeBundle(at.path, manifestOf([bundled('old')]), ['old']);
    const source = openBundleSource(plain.stores);
    const copy = await source.pin(locationOf(place));
    const manifest = manifestOf([bundled('new')]);
    const contract = { ...manifest.contract, text: 'other', bytes: 5, sha256: hashOf('other') };
    writeBundle(at.path, { ...manifest, contract }, ['new']);
    rmSync(join(at.path, 'files', hashOf('old')));
    expect((await failureOf(readAll(copy))).code).toBe('COPY_CHANGED');
    expect((await failureOf(source.pin(locationOf(place)))).code).toBe('BUNDLE_CHANGED');
  });

  test('a bundle that vanishes is no absent copy: nothing was established', async () => {
    const place = directoryPlace(at.path);
    writeBundle(at.path, manifestOf([bundled('old')]), ['old']);
    const source = openBundleSource(plain.stores);
    const copy = await source.pin(locationOf(place));
    rmSync(at.path, { recursive: true });
    expect(existsSync(at.path)).toBe(false);
    expect((await failureOf(readAll(copy))).code).toBe('COPY_CHANGED');
    const error = await failureOf(source.pin(locationOf(place)));
    expect(error.code).toBe('BUNDLE_CHANGED');
    expect(faultClass(error)).not.toBe('absent');
  });
});
