import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cachePath, wrapped } from '../../src/io/parts.ts';
import { bareEnvironment, cliPath } from './cli.ts';

/** Says of each part whether V8 takes over what was compiled ahead: in a process without flags. */
const judge = `
  const { readFileSync } = require('node:fs');
  const { Script } = require('node:vm');
  const rejected = JSON.parse(readFileSync(0, 'utf8')).map(({ source, cache }) =>
    new Script(source, { cachedData: readFileSync(cache) }).cachedDataRejected);
  console.log(JSON.stringify(rejected));
`;

test('what the build compiled ahead is taken over by this Node', () => {
  const folder = join(cliPath, '..', 'parts');
  const parts = readdirSync(folder)
    .filter((name) => name.endsWith('.cjs'))
    .map((name) => join(folder, name));
  expect(parts.length).toBeGreaterThan(2);
  const input = parts.map((file) => ({ source: wrapped(file), cache: cachePath(file) }));
  const output = execFileSync(process.execPath, ['-e', judge], {
    input: JSON.stringify(input),
    env: bareEnvironment(folder),
  });
  expect(JSON.parse(output.toString('utf8'))).toEqual(parts.map(() => false));
});
