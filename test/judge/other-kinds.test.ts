import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { formats } from '../../src/formats/index.ts';
import type { ArtifactReport } from '../../src/model/index.ts';
import { writers } from '../formats/hostile.ts';
import { diffFiles } from './diff-files.ts';

const directory = mkdtempSync(join(tmpdir(), 'keydrift-kinds-'));
afterAll(() => rmSync(directory, { recursive: true }));

const table = 'id,mode\nP-1,full\nP-2,inc\n';
const wide = (order: 'LE' | 'BE', width: 2 | 4): Buffer => {
  const bytes = Buffer.alloc(table.length * width);
  for (let at = 0; at < table.length; at += 1) {
    bytes[at * width + (order === 'LE' ? 0 : width - 1)] = table.charCodeAt(at);
  }
  return bytes;
};
const tar = Buffer.alloc(1024);
tar.write('p.csv');
tar.write('ustar', 257);

/** What is found in buckets in place of a table; each is told by a word of its own. */
const kinds: readonly (readonly [said: string, bytes: string | Buffer])[] = [
  ['ZIP', Buffer.from('PK\u0003\u0004\u0014\0\0\0', 'latin1')],
  ['ZIP', Buffer.from(`PK\u0005\u0006${'\0'.repeat(18)}`, 'latin1')],
  ['XLS', Buffer.from('\u00d0\u00cf\u0011\u00e0\u00a1\u00b1', 'latin1')],
  ['Git LFS', 'version https://git-lfs.github.com/spec/v1\r\noid sha256:1\r\nsize 25\r\n'],
  ['git-crypt', '\0GITCRYPT\0abcdefgh'],
  ['encrypted', '$ANSIBLE_VAULT;1.1;AES256\n6162\n'],
  ['HTML', '<html><head>'],
  ['HTML', '\uFEFF\r\n\r\n <HTML lang="en">\n<head>'],
  ['HTML', '<!-- served by a portal -->\n<!-- node 3 -->\n<!doctype html>'],
  ['HTML', '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html PUBLIC "x">\n<html>'],
  ['S3 error', '<?xml version="1.0"?>\n<Error><Code>NoSuchKey</Code></Error>'],
  ['S3 error', '<Error xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Code>x</Code></Error>'],
  ['XML', '<?xml version="1.0"?>\n<rows><row id="P-1"/></rows>'],
  ['aws-chunked', `19;chunk-signature=${'0'.repeat(64)}\r\n${table}`],
  ['aws-chunked', `19;chunk-signature=${'0'.repeat(140)}****\r\n${table}`],
  ['aws-chunked', '1a\r\n[{"id":"P-1","mode":"full"}]\r\n0\r\n\r\n'],
  ['Avro', 'Obj\u0001\u0004\u0016avro.schema'],
  ['ORC', Buffer.from('ORC\u0008\u0003\u0010\u0002', 'latin1')],
  ['SQLite', `SQLite format 3\0${'\u0001'.repeat(40)}`],
  ['PDF', '%PDF-1.7\n%more\n'],
  ['tar', tar],
  ['UTF-16', wide('LE', 2)],
  ['UTF-16', wide('BE', 2)],
  ['UTF-32', wide('LE', 4)],
  ['UTF-32', wide('BE', 4)],
  ['compressed twice', gzipSync(gzipSync(table))],
];

async function judge(runtime: string, bytes: string | Buffer): Promise<ArtifactReport> {
  writeFileSync(join(directory, 'reviewed.csv'), table);
  writeFileSync(join(directory, runtime), bytes);
  const files = [join(directory, 'reviewed.csv'), join(directory, runtime)] as const;
  const { artifacts } = await diffFiles(directory, files, { key: ['id'], consumes: null });
  return artifacts[0]!;
}

test.each(Object.keys(formats))(
  'in place of %s content of another kind is named',
  async (format) => {
    for (const [said, bytes] of kinds) {
      const { state, error } = await judge(`runtime.${format}`, bytes);
      expect([said, state, error?.code]).toEqual([said, 'unreadable', 'CONTENT_OF_ANOTHER_KIND']);
      expect(error?.message).toContain(said);
      expect(error?.hint).toMatch(/\w/);
    }
  },
);

test('a format in place of another one is told by its name', async () => {
  for (const [is, named] of [
    ['parquet', ['csv', 'json', 'ndjson', 'yaml']],
    ['json', ['csv', 'parquet']],
    ['ndjson', ['csv', 'parquet']],
  ] as const) {
    for (const format of named) {
      const { error } = await judge(`runtime.${format}`, writers[is]!('delta'));
      expect([is, format, error?.code]).toEqual([is, format, 'CONTENT_OF_ANOTHER_KIND']);
      expect(error?.hint).toContain(`format: ${is}`);
    }
  }
});

test('what a broken file of its own format is called stays', async () => {
  for (const [format, bytes, code] of [
    ['parquet', 'PAR1 and no more', 'PARQUET_INVALID'],
    ['json', '[{"id": "P-1", "mode": }]', 'JSON_INVALID'],
    ['csv', 'id,mode\n"P-1,full\n', 'CSV_UNCLOSED_QUOTE'],
    ['csv', 'id,mode\nP-\0,full\n', 'NUL_BYTE'],
    ['csv', 'PK,mode\nP-1,full\n', 'COLUMN_MISSING'],
  ] as const) {
    expect((await judge(`runtime.${format}`, bytes)).error?.code).toBe(code);
  }
});

test('a copy that cannot be read, or is not there, costs no kernel of its own', async () => {
  const { Instance } = WebAssembly;
  let made = 0;
  Object.assign(WebAssembly, {
    Instance: function (...words: ConstructorParameters<typeof Instance>) {
      made += 1;
      return new Instance(...words);
    },
  });
  try {
    const rows = 'P-1,full\n'.repeat(8000);
    const whole = Buffer.from(writers['parquet']!('delta'));
    const bodies = [
      ['runtime.csv', '<html><head>', 'CONTENT_OF_ANOTHER_KIND'],
      ['runtime.csv', `id,mode\n${rows}"P-2,full\n`, 'CSV_UNCLOSED_QUOTE'],
      ['runtime.json', '[{"id": "P-1"}, {"id": }]', 'JSON_INVALID'],
    ] as const;
    const path = (name: string): string => join(directory, name);
    const differ = async (reviewed: string, runtime: string): Promise<ArtifactReport> =>
      (await diffFiles(directory, [path(reviewed), path(runtime)], { key: ['id'], consumes: null }))
        .artifacts[0]!;
    writeFileSync(path('whole.parquet'), whole);
    writeFileSync(path('broken.parquet'), Buffer.from(whole).fill(0xff, 4, 40));
    for (let turn = 0; turn < 3; turn += 1) {
      for (const [name, bytes, code] of bodies) {
        expect((await judge(name, bytes)).error?.code).toBe(code);
      }
      const broken = await differ('whole.parquet', 'broken.parquet');
      expect(broken).toMatchObject({ state: 'unreadable', error: { code: 'PARQUET_INVALID' } });
      expect(await differ('reviewed.csv', 'gone.csv')).toMatchObject({ state: 'missing' });
    }
    expect(made).toBeLessThanOrEqual(1);
  } finally {
    Object.assign(WebAssembly, { Instance });
  }
});
