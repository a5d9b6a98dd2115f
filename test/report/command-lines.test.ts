import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { atMargin, commandLines, indented } from '../../src/report/command-lines.ts';

test('a shell reads a folded command as the whole one, and no line is wider but a single word', () => {
  const words = `keydrift run participants --override 'an INC-1  reason' --at versionId:yM3eI6tmUbac9EaQC.PzQcKF_fgarimj -- sh -c 'cat "$0" > "$1"' '{a}' /x`;
  const command = words.replace('keydrift', () => `printf '%s|'`);
  const read = (text: string): string => execFileSync('sh', ['-c', text], { encoding: 'utf8' });
  for (const width of [40, 60, 80]) {
    const lines = commandLines('    ', command, { width, commands: 'folded' });
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) {
      const isWord = !line
        .trim()
        .replace(/ \\$/, '')
        .replaceAll(/'[^']*'/g, '')
        .includes(' ');
      expect([line, line.length <= width || isWord]).toEqual([line, true]);
    }
    expect(read(lines.join('\n'))).toBe(read(command));
  }
  const [blob, id] = [
    '09b4d721f5ca7ee9f9e09f344eac09d744c817b4',
    'Og1aT5y7muHkyQEor.MPQ6do5un9boYC',
  ];
  const long = `printf '%s|' git:${blob}:support/a/longer/folder/participants.csv 's3://production-runtime/support/participants.csv?versionId=${id}' --contract participants`;
  for (const width of [60, 80]) {
    const folded = commandLines('next     ', long, { width: width - 2, commands: 'folded', words: 'cut' }); // prettier-ignore
    // Whatever block it stands in, and however far that is indented.
    const lines = folded.map(indented).map(atMargin);
    expect(lines.filter((line) => line.length > width)).toEqual([]);
    // Cut after a part of a path or a URL, and never within one.
    for (const line of lines.slice(0, -1)) expect(line).toMatch(/ \\$|[/?:&=,]'?\\$/);
    expect(read(lines.join('\n').slice('  next     '.length))).toBe(read(long));
  }
  const variable = `export KEYDRIFT_OVERRIDE_PARTICIPANTS='versionId:${id} INC-1, agreed'`;
  const told = commandLines('    ', variable, { width: 76, commands: 'folded', words: 'cut' });
  expect(told.map(indented).map(atMargin)).toEqual([
    '      export \\',
    '  KEYDRIFT_OVERRIDE_PARTICIPANTS=\\',
    `'versionId:${id} INC-1, agreed'`,
  ]);
  const value = `${told.map(indented).map(atMargin).join('\n')}; printf %s "$KEYDRIFT_OVERRIDE_PARTICIPANTS"`;
  expect(read(value)).toBe(`versionId:${id} INC-1, agreed`);
  const solid = `printf ${'x'.repeat(100)}`;
  expect(commandLines('', solid, { width: 80, commands: 'folded' })).toEqual([
    'printf \\',
    'x'.repeat(100),
  ]);
  for (const odd of [
    `keydrift x ${'--a b '.repeat(20)}$'a\\' b'`,
    `keydrift ${'x '.repeat(60)}it's`,
  ])
    expect(commandLines('', odd, { width: 80, commands: 'folded' })).toEqual([odd]);
  expect(commandLines('', command, { width: 40, commands: 'whole' })).toEqual([command]);
});
