import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { dialects } from '../../src/engine/sql/dialects/index.ts';
import { md5 } from '../../src/engine/sql/hash.ts';

test.each(Object.keys(dialects))('%s takes nothing for a hash that is none', (name) => {
  const { read } = dialects[name]!.packed;
  const told = ["'); DROP TABLE routes --", '', ' ', 'g', `${'0'.repeat(32)}0`, '1 OR 1=1', '-1'];
  expect(told.map(read)).toStrictEqual(told.map(() => null));
});

test('a hash that DuckDB packs is the one that keydrift has, and so are the words that it sums', async () => {
  const { packed } = dialects['duckdb']!;
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  // Among so many some end with zeros, which are its first digits there.
  const texts = Array.from({ length: 600 }, (_, at) => `route ${at}`);
  const hash = packed.of('t');
  const literals = texts.map((text) => `('${text}', ${packed.literal(md5(text))})`);
  const answer = await connection.runAndReadAll(
    `SELECT t, HEX(${hash}), CAST(${hash} = w AS VARCHAR), CAST(${packed.word(hash, 0)} AS VARCHAR), CAST(${packed.word(hash, 1)} AS VARCHAR) FROM (VALUES ${literals.join(', ')}) AS x(t, w)`,
  );
  for (const [text, hex, isSame, ...words] of answer.getRowsJS() as string[][]) {
    const own = md5(text!);
    expect([packed.read(hex!), isSame, ...words]).toStrictEqual([
      own,
      'true',
      String(packed.wordOf(own, 0)),
      String(packed.wordOf(own, 1)),
    ]);
  }
  connection.closeSync();
  instance.closeSync();
});
