import fc from 'fast-check';
import { expect, test } from 'vitest';
import { commandEnvironment, fillPlaceholders } from '../../../src/commands/run/child-command.ts';
import {
  commitRevision,
  fileRevision,
  namesRevision,
  objectRevision,
  revisionWord,
} from '../../../src/model/index.ts';

const handOver = { path: '', bytes: 0, sha256: '', dropped: 0, url: null, urlVersion: null };
const artifact = (name: string, path: string): Parameters<typeof fillPlaceholders>[1][number] => ({
  name,
  revision: 'r',
  handOver: { ...handOver, path },
});

test('placeholders: each name between braces, once, and nothing else', () => {
  const part = fc.constantFrom('{a}', '{b.c}', '{', '}', '{}', '{A}', '{a }', '$&', '{x}', 'text');
  const paths: Readonly<Record<string, string>> = { '{a}': '/p/{b.c}$1', '{b.c}': '/q' };
  const artifacts = [artifact('a', paths['{a}']!), artifact('b.c', paths['{b.c}']!)];
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      // A brace before a placeholder is text: {{a} is { and the file.
      const expected = parts.map((one) => paths[one] ?? one).join('');
      expect(fillPlaceholders([parts.join('')], artifacts)).toEqual([expected]);
    }),
  );
});

test('variables: names in capitals, others untouched, a stale URL gone', () => {
  const before = { PATH: '/bin', KEYDRIFT_A_B_URL: 's3://old', EMPTY: undefined };
  const after = commandEnvironment(before, [
    artifact('a.b', '/p'),
    { ...artifact('c', '/q'), handOver: { ...handOver, path: '/q', url: 's3://x/y' } },
  ]);
  expect(after).toEqual({
    PATH: '/bin',
    EMPTY: undefined,
    KEYDRIFT_A_B_FILE: '/p',
    KEYDRIFT_A_B_REVISION: 'r',
    KEYDRIFT_C_FILE: '/q',
    KEYDRIFT_C_REVISION: 'r',
    KEYDRIFT_C_URL: 's3://x/y',
  });
  expect(before.KEYDRIFT_A_B_URL).toBe('s3://old');
});

test('revisions: what can change is never named by a version', () => {
  const s3 = (versionId: string | null) =>
    objectRevision({ versionId, etag: 'e', lastModified: '' });
  const commit = commitRevision({ commit: 'c', committedAt: '', blob: '' });
  expect(revisionWord(s3('v'), 'h')).toBe('versionId:v');
  expect(revisionWord(s3('null'), 'h')).toBe('etag:e');
  expect(revisionWord(s3(null), 'h')).toBe('etag:e');
  expect(revisionWord(fileRevision(''), 'h')).toBe('sha256:h');
  expect(revisionWord(commit, 'h')).toBe('commit:c');
  expect(namesRevision('versionId:v', 'versionId:v')).toBe(true);
  expect(namesRevision('v', 'versionId:v')).toBe(true);
  for (const other of ['', 'versionId:', 'etag:v', 'V', 'versionId:v ']) {
    expect(namesRevision(other, 'versionId:v')).toBe(false);
  }
});
