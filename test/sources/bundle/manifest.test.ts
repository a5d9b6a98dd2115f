import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeydriftError, type BundleManifest } from '../../../src/model/index.ts';
import { manifestText } from '../../../src/sources/bundle/index.ts';
import { readManifest } from '../../../src/sources/bundle/manifest.ts';
import { documentOf } from '../../documents.ts';
import { bundled, hashOf, manifestOf } from './fixture.ts';

test('what is written is of the shipped schema', () => {
  const manifest = manifestOf([bundled('a'), bundled('b', { copy: 'us' })]);
  const told = manifestText(manifest);
  expect(documentOf('bundle', told)).toEqual(manifest);
  const other = told.replace('keydrift.bundle/1', 'keydrift.bundle/2');
  expect(() => documentOf('bundle', other)).toThrow();
});

test('any manifest reads as it was written, and gives the same bytes in any order of its names', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: 'grapheme' }),
      fc.string({ minLength: 1 }),
      async (text, path) => {
        const manifest = manifestOf([bundled(text, { path })]);
        const contract = {
          ...manifest.contract,
          text,
          sha256: hashOf(text),
          bytes: Buffer.from(text).length,
        };
        const written = manifestText({ ...manifest, contract });
        expect(await read(written)).toEqual({ ...manifest, contract });
        const { schema: name, tool, historySeconds, artifacts } = manifest;
        const turned = { artifacts, historySeconds, contract, tool, schema: name };
        expect(manifestText(turned)).toBe(written);
      },
    ),
  );
});

test('a field of a later version is let be', async () => {
  expect(await read(spoilt({ signedBy: 'somebody' }))).toMatchObject({ signedBy: 'somebody' });
});

test.each([
  ['no JSON', 'version: 1'],
  ['invalid UTF-8', Buffer.from([0x22, 0xff, 0x22])],
  ['a list', '[]'],
  ['null', 'null'],
  ['another schema', spoilt({ schema: 'keydrift.bundle/2' })],
  ['no schema', spoilt({ schema: undefined })],
  ['no contract', spoilt({ contract: undefined })],
  ['a contract that was changed', spoilt({ contract: { ...manifestOf([]).contract, text: 'x' } })],
  ['a file outside of the bundle', of(bundled('a', { file: '../../etc/passwd' }))],
  ['a file by another name', of(bundled('a', { file: `files/${'0'.repeat(64)}` }))],
  ['a hash that is none', of(bundled('a', { sha256: 'abc' }))],
  ['a negative length', of(bundled('a', { bytes: -1 }))],
  ['one copy twice', of(bundled('a'), bundled('b'))],
])('refused is %s', async (_name, content) => {
  try {
    await read(content);
  } catch (error) {
    expect(error).toBeInstanceOf(KeydriftError);
    expect(error).toMatchObject({ code: 'BUNDLE_INVALID' });
    expect(String(error)).toContain('bundle:x/keydrift.bundle.json');
    return;
  }
  throw new Error('it was accepted');
});

function read(content: string | Uint8Array): Promise<BundleManifest> {
  return readManifest(Buffer.from(content), 'bundle:x/keydrift.bundle.json');
}

function of(...copies: Parameters<typeof manifestOf>[0][number][]): string {
  return JSON.stringify(manifestOf(copies));
}

function spoilt(members: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ ...manifestOf([bundled('a')]), ...members });
}
