import { expect, test } from 'vitest';
import { requireBundleAbreast } from '../../src/judge/claim.ts';
import {
  commitRevision,
  objectRevision,
  type PinnedCopy,
  type PublishedClaim,
  type Revision,
} from '../../src/model/index.ts';

const facts = {
  commit: 'a'.repeat(40),
  committedAt: '2026-11-20T10:00:00.000Z',
  blob: 'b'.repeat(40),
};
const bundle: Revision = { ...commitRevision(facts), against: 'bundle:DIR' };
const claim: PublishedClaim = {
  commit: 'c'.repeat(40),
  committedAt: '2026-11-20T10:00:01.000Z',
  path: 'p.csv',
  blob: 'd'.repeat(40),
  sha256: 'e',
  digest: null,
  contract: null,
};
const { committedAt: _time, ...untimed } = claim;
const before = '2026-11-20T09:59:59.000Z';
const after = '2026-11-20T10:00:02.000Z';

const cases: readonly (readonly [string, PublishedClaim | null, string, 'behind' | 'abreast'])[] = [
  ['a newer commit', claim, before, 'behind'],
  ['an older commit, published late', { ...claim, committedAt: before }, after, 'abreast'],
  ['the same moment', { ...claim, committedAt: facts.committedAt }, after, 'abreast'],
  ["the bundle's own commit", { ...claim, commit: facts.commit }, after, 'abreast'],
  ["the bundle's own file", { ...claim, blob: facts.blob }, after, 'abreast'],
  ['bytes that are not the claimed ones', { ...claim, sha256: 'f' }, after, 'abreast'],
  ['no commit', { ...claim, commit: null }, after, 'abreast'],
  ['a time that is none', { ...claim, committedAt: 'soon' }, after, 'abreast'],
  ['no time, written after', untimed, after, 'behind'],
  ['no time, written before', untimed, before, 'abreast'],
  ['no claim', null, after, 'abreast'],
];

test.each(cases)('a copy that differs from a bundle and claims %s', (_name, said, at, expected) => {
  const copy: PinnedCopy = {
    location: 's3://b/p.csv',
    revision: objectRevision({ versionId: 'v', etag: 't', lastModified: at }),
    bytes: 1,
    ...(said === null ? {} : { claim: said }),
    async *open() {},
  };
  const check = (): void => requireBundleAbreast(bundle, copy, 'e');
  if (expected === 'abreast') expect(check).not.toThrow();
  else expect(check).toThrow(expect.objectContaining({ code: 'BUNDLE_BEHIND' }));
  expect(() => requireBundleAbreast(commitRevision(facts), copy, 'e')).not.toThrow();
});
