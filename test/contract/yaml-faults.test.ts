import { expect, test } from 'vitest';
import { refusal } from './reading.ts';

const contract = `version: 1
artifacts:
  participants:
    reviewed: support/participants.csv
    runtime: prod/participants.csv
    key: [participant_id, region]
    normalize: {weight: [number]}
  other:
    reviewed: a.csv
    runtime: b.csv
    key: [id]
`;

/** A slip of somebody who writes a contract: the line as it then stands, and what is said of which line. */
const slips: readonly (readonly [line: number, written: string, at: number, says: string])[] = [
  [6, '    key: [participant_id, region', 6, 'the list that opens here with "[" is never closed'],
  [7, '    normalize: {weight: [number]', 7, 'the map that opens here with "{" is never closed'],
  [7, '    normalize: {weight: [number}', 7, 'the list that opens here with "[" is never closed'],
  [4, '    reviewed: "support/participants.csv', 4, "the quote that opens here with '\"' is never closed"],
  [4, "    reviewed: 'support/participants.csv", 4, 'the quote that opens here with "\'" is never closed'],
  [5, '    runtime prod/participants.csv', 5, 'no ":" behind "runtime"'],
  [4, '    reviewed support/participants.csv', 4, 'no ":" behind "reviewed"'],
  [3, '  participants', 3, 'no ":" behind "participants"'],
  [11, '    key [id]', 11, 'no ":" behind "key"'],
  [5, '    runtime:prod/participants.csv', 5, 'no space behind "runtime:"'],
  [5, '\truntime: prod/participants.csv', 5, 'a tab indents this line'],
  [5, '      runtime: prod/participants.csv', 5, 'indented further than line 4'],
  [5, '   runtime: prod/participants.csv', 5, 'indented by 3'],
  [4, '   reviewed: support/participants.csv', 5, 'indented further than line 4'],
  [6, '    key: [participant_id, region]]', 6, 'a "]" that closes nothing'],
  [4, '    reviewed: a: b', 4, 'a value that holds ": "'],
  [4, '    owner: @team', 4, 'no value can begin with "@"'],
  [4, '    owner: `team`', 4, 'no value can begin with "`"'],
  [4, '    owner: %team', 4, 'no value can begin with "%"'],
  [4, '    reviewed: "a" b', 4, 'text after a closing quote'],
  [4, String.raw`    reviewed: "a\qb"`, 4, String.raw`\q means nothing`],
  [4, '    owner: !team x', 4, 'a tag'],
]; // prettier-ignore

test.each(slips)('line %i: %j', (line, written, at, says) => {
  const lines = contract.split('\n');
  lines[line - 1] = written;
  const { problems } = refusal(lines.join('\n'));
  expect(problems.map((problem) => problem.line)).toEqual([at]);
  expect(problems[0]!.message).toContain(`not valid YAML: ${says}`);
});

test('JSON, and lists', () => {
  const json =
    '{"version": 1,\n"artifacts": {"p": {"reviewed": "a.csv"\n"runtime": "b", "key": ["id"]}}}';
  expect(refusal(json).problems).toMatchObject([
    { line: 2, message: expect.stringContaining('no ","') },
  ]);
  const list = `${contract.slice(0, contract.lastIndexOf('[id]'))}\n    - id\n   - x\n`;
  expect(refusal(list).problems).toMatchObject([
    { line: 13, message: expect.stringContaining('indented by 3') },
  ]);
});

test('a value of several lines is not at fault for what comes behind it', () => {
  const long = contract.replace('a.csv', '"a\n      long.csv"').replace('runtime: b', 'runtime b');
  expect(refusal(long).problems).toMatchObject([{ line: 11, message: expect.stringContaining('no ":"') }]); // prettier-ignore
});

test('slips that stand by themselves are told together', () => {
  const { problems } = refusal(contract.replace('a.csv', '@a.csv').replace('b.csv', '`b`'));
  expect(problems.map(({ line }) => line)).toEqual([9, 10]);
});
