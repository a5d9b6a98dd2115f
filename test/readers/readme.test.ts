import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readerNames, readers } from '../../src/model/index.ts';

test.each(readerNames)('the README has %s with its options and their defaults', (name) => {
  const { words, options } = readers[name];
  const said = Object.entries(options).map(
    ([option, one]) => `\`${option}\` (${JSON.stringify(one.default)}): ${one.words}`,
  );
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  // The formatter pads a table's cells.
  const rows = readme.split('\n').map((row) => row.replaceAll(/ +/g, ' '));
  expect(rows).toContain(`| \`${name}\` | ${words} | ${said.join('; ')} |`.replaceAll(/ +/g, ' '));
});
