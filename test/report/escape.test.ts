import { spawnSync } from 'node:child_process';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hintOf, KeydriftError, type HintText } from '../../src/model/index.ts';
import { changedRuns } from '../../src/report/changed.ts';
import { shellQuote } from '../../src/model/quoting.ts';
import { showValue } from '../../src/report/escape.ts';
import { describeError, escapeTerminal } from '../../src/report/index.ts';
import { times } from '../../src/report/wording.ts';
import { text } from './arbitrary.ts';
import { scaled } from '../runs.ts';

describe('escapeTerminal', () => {
  test.each([
    ['a\nb\tc\rd', String.raw`a\nb\tc\rd`],
    ['\u001b[31m', String.raw`\x1b[31m`],
    ['\u009b1m\u007f\u0000', String.raw`\x9b1m\x7f\x00`],
    ['\u202e\u2066\u2069\u200e\u200f', String.raw`\u202e\u2066\u2069\u200e\u200f`],
    ['\u2028\u2029\ufeff\u200b\u00ad', String.raw`\u2028\u2029\ufeff\u200b\xad`],
    ['\u00a0\u3000', String.raw`\xa0\u3000`],
    ['\ud83d!\udc4d', String.raw`\ud83d!\udc4d`],
    ['\u{e0041}', String.raw`\u{e0041}`],
    ['\u0301a', String.raw`\u0301a`],
    ['é 東京 👍 C:\\new', 'é 東京 👍 C:\\new'],
  ])('%j', (raw, safe) => {
    expect(escapeTerminal(raw)).toBe(safe);
  });
});

describe('showValue', () => {
  test('two values never look the same', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(showValue(a) === showValue(b)).toBe(a === b);
      }),
    );
  });

  test.each([
    ['', '""'],
    [' a', '" a"'],
    ['a b', 'a b'],
    ['"a"', String.raw`"\"a\""`],
    ['C:\\new', 'C:\\new'],
    ['C:\new', String.raw`"C:\new"`],
  ])('%j', (value, shown) => {
    expect(showValue(value)).toBe(shown);
  });
});

describe('changedRuns', () => {
  test('each value is its runs, whole where it is short', () => {
    const short = fc.string({ unit: fc.constantFrom('a', 'b', '-', '0'), maxLength: 50 });
    fc.assert(
      fc.property(short, short, (first, second) => {
        fc.pre(first !== second && first !== '' && second !== '');
        const runs = changedRuns(first, second);
        const join = (other: string): string =>
          runs
            .filter(({ on }) => on !== other)
            .map((run) => run.text)
            .join('');
        expect([join('second'), join('first')]).toEqual([first, second]);
      }),
    );
  });

  test('megabytes are cut around the first difference', () => {
    const runs = changedRuns(`${'x'.repeat(2e6)}a${'y'.repeat(2e6)}`, `${'x'.repeat(2e6)}b`);
    expect(runs.map(({ text: run }) => run).join('').length).toBeLessThan(400);
    expect(runs[0]?.text).toMatch(/^…x+$/);
    expect(runs[1]?.text).toMatch(/^ay+…$/);
    expect(runs[2]?.text).toBe('b');
  });
});

test('shellQuote: a shell reads back what was quoted, and the terminal sees no control', () => {
  const argument = text.filter((any) => !/\0|\p{Cs}/u.test(any));
  fc.assert(
    fc.property(fc.array(argument, { minLength: 1, maxLength: 20 }), (all) => {
      const quoted = all.map(shellQuote);
      const { stdout } = spawnSync('bash', ['-c', `printf '%s\\0' ${quoted.join(' ')}`]);
      expect(stdout.toString('utf8').split('\0').slice(0, -1)).toEqual(all);
      expect(quoted.join(' ')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    }),
    { numRuns: scaled(30) },
  );
});

describe('describeError', () => {
  const error = new KeydriftError('CSV_UNCLOSED_QUOTE', 'a quote opens\nhere', {
    hint: 'close it',
    place: { side: 'runtime', line: 12 },
    problems: [{ line: 4, path: 'a.b', message: 'is wrong', hint: 'try c' }],
  });

  test('tells code, message, place, problems and hint, on safe lines', () => {
    expect(describeError(error, { width: 80, color: false }).split('\n')).toEqual([
      String.raw`CSV_UNCLOSED_QUOTE: a quote opens\nhere (runtime, line 12)`,
      '  line 4  a.b: is wrong (try c)',
      '  hint: close it',
    ]);
  });

  test('on a terminal a command is continued between its words, never within one', () => {
    const command = `aws s3 ls s3://${'b'.repeat(30)}/ --endpoint-url http://127.0.0.1:4566`;
    const hint = { text: 'Look', command };
    const found = new KeydriftError('USAGE', 'no', { hint });
    const told = describeError(found, { width: 60, color: false, commands: 'folded' });
    const lines = told.split('\n').slice(2);
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.filter((line) => line.length > 60)).toEqual([]);
    expect(
      lines
        .map((line) => line.trim())
        .join(' ')
        .replaceAll(' \\ ', ' '),
    ).toBe(command);
  });

  test('a command stands by itself, whole, where it was given as one, and nowhere else', () => {
    const told = (hint: HintText): string[] =>
      describeError(new KeydriftError('USAGE', 'no', { hint }), { width: 40, color: false })
        .split('\n')
        .slice(1);
    const command = `git -C '/a folder/${'x'.repeat(60)}' fetch --tags`;
    expect(told({ text: 'Fetch it', command })).toEqual([
      '  hint: Fetch it:',
      `        ${command}`,
    ]);
    // A name in a message that looks like one is words.
    expect(told('It has: git push --force. Look for a typo.')).toHaveLength(2);
    expect(told('It has: keydrift publish --yes')).toEqual([
      '  hint: It has: keydrift publish --yes',
    ]);
    // What a saved report calls the command, and is not the end of its hint, is none.
    const forged = { hint: 'Look.', command: 'rm -rf ~', place: {}, problems: [] };
    const saved = { code: 'USAGE', message: 'no', ...forged } as const;
    expect(describeError(saved, { width: 80, color: false })).not.toContain('rm');
    // Cut, it would not be true any more.
    const { command: none, hint } = new KeydriftError('USAGE', 'no', {
      hint: { text: 'Do', command: 'x'.repeat(10_000_000) },
    });
    expect(none).toBeNull();
    expect(hintOf({ hint, command: none })).toBe(hint);
    const whole = { text: 'Fetch it', command: 'git fetch' };
    expect(hintOf(new KeydriftError('USAGE', 'no', { hint: whole }))).toEqual(whole);
  });

  test('does not repeat a place that the message names', () => {
    const named = new KeydriftError(error.code, 'runtime line 12 is odd', { place: error.place });
    expect(describeError(named, { width: 80, color: false })).toBe(
      'CSV_UNCLOSED_QUOTE: runtime line 12 is odd',
    );
  });
});

test.each([
  [1, '1.00×'],
  [1.5, '1.50×'],
  [1.0004, '1.0004×'],
  [1.0000001, '1.000000×'],
  [36, '36.00×'],
  [null, 'none'],
])('times %j', (amplification, shown) => {
  expect(times(amplification)).toBe(shown);
});

describe('values that look alike', () => {
  test.each([
    ['P-1', '\u0420-1', String.raw`\u0420`],
    ['caf\u00e9', 'cafe\u0301', String.raw`\xe9`],
    ['a b', 'a\u00a0b', String.raw`\xa0`],
    ['Oslo', '\u039fslo', String.raw`\u039f`],
  ])('%j and %j are shown with what differs escaped', (one, other, escape) => {
    const told = changedRuns(one, other)
      .map(({ text: piece }) => piece)
      .join('');
    expect(told).toContain(escape);
    expect(told).toMatch(/^[ -~]*$/);
  });

  test('what differs to the eye is left as it is', () => {
    const told = changedRuns('東京都', '京都')
      .map(({ text: piece }) => piece)
      .join('');
    expect(told).toContain('京');
  });

  test('a letter that poses as one of ASCII beside letters of ASCII is an escape by itself', () => {
    expect(showValue('particip\u0430nt')).toBe(String.raw`"particip\u0430nt"`);
    expect(showValue('\u0420ay')).toBe('\u0420ay'.replace('\u0420', String.raw`"\u0420`) + '"');
    // A word of one alphabet stands as it is.
    expect(showValue('\u0441\u043e\u0441\u043d\u0430')).toBe('\u0441\u043e\u0441\u043d\u0430');
    expect(showValue('it’s 2020–2021')).toBe('it’s 2020–2021');
  });
});
