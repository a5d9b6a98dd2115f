import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const source = new URL('../src', import.meta.url).pathname;
const commands = 'audit|run|gate|diff|lint|investigate|publish|bundle|init|report|sql|completion';
const inProse = new RegExp(
  `(?:^|[:;,.(] |Try |with )(?:aws [a-z]|git (?:-C|[a-z]+-|fetch|fsck|show|config)|keydrift (?:${commands})\\b|chmod |env -|unset |export |npm |docker )`,
);

/** Literals that follow `hint:`, up to the end of the member. */
function hintsOf(text: string): readonly string[] {
  const members = text.matchAll(/\bhint(?::|\s=)\s*([^{}\n]*(?:\n\s+[^{}\n]*)??['`](?:,|;|\n))/g);
  return [...members].flatMap(([, member = '']) =>
    [...member.matchAll(/(['`])((?:\\.|(?!\1).)*)\1/gs)].map(([, , literal = '']) => literal),
  );
}

test('a hint holds its command apart, to be shown on a line of its own', () => {
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' });
  const hints = files
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => hintsOf(readFileSync(join(source, file), 'utf8')));
  expect(hints.length).toBeGreaterThan(100);
  expect(hints.filter((hint) => inProse.test(hint))).toEqual([]);
  // Nobody has an artifact of an example's name.
  const commandsOfHints = files
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => [...readFileSync(join(source, file), 'utf8').matchAll(/\bcommand:\s*(['`])(.*?)\1/g)]); // prettier-ignore
  expect(commandsOfHints.length).toBeGreaterThan(10);
  expect(commandsOfHints.filter(([command]) => /\bparticipants?\b/.test(command))).toEqual([]);
  expect(hints.filter((hint) => /\bparticipants?\b/.test(hint))).toEqual([]);
  expect(inProse.test('What any AWS tool would use: aws sts get-caller-identity')).toBe(true);
});
