import { assert, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import { codePoint } from '../../code-points.ts';
import { claimMetadata, claimOf } from '../../../src/sources/s3/claim.ts';

const words = {
  commit: 'c1',
  committedAt: '2026-11-20T14:02:11.000Z',
  blob: 'b1',
  sha256: 'ab',
  digest: 'd1',
  contract: 'e1',
};

test('any path is claimed in visible ASCII, and read back as it was', () => {
  assert(
    property(string({ unit: codePoint, minLength: 1 }), (path) => {
      const metadata = claimMetadata({ ...words, path });
      expect(metadata['keydrift-path']).toMatch(/^[!-~]+$/);
      expect(claimOf(metadata)).toEqual({ ...words, path });
    }),
  );
});

test('what strangers wrote is read as far as it goes', () => {
  expect(claimOf(undefined)).toBeNull();
  expect(claimOf({ owner: 'bob' })).toBeNull();
  expect(claimOf({ 'keydrift-path': '%zz', 'keydrift-sha256': 'AB' })).toEqual({
    commit: null,
    path: '%zz',
    blob: null,
    sha256: 'ab',
    digest: null,
    contract: null,
  });
});

test('a path that metadata have no room for is left out', () => {
  expect(claimMetadata({ ...words, path: 'ü'.repeat(400) })['keydrift-path']).toBeUndefined();
});
