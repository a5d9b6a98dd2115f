import fc from 'fast-check';
import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { escapeTerminal } from '../../src/report/escape.ts';
import { clusters, widthOf } from '../../src/report/width.ts';
import { codePoint } from '../code-points.ts';
import { scaled } from '../runs.ts';

/** What combines with its neighbours, or is wide. */
const special = fc.constantFrom(
  'e\u0301',
  'a\u0308\u0300',
  '한',
  '\u1112\u1161\u11ab',
  '\u1112',
  '\u1161',
  '\u11ab',
  '漢',
  'ｶﾞ',
  'が',
  '🇩🇪',
  '👍🏽',
  '❤',
  '🏳',
  '1\u20e3',
  '#\u20e3',
  '\u0903',
  'क\u093e',
  '✓',
  '…',
);
const escaped = fc
  .array(fc.oneof(special, fc.string({ unit: codePoint, maxLength: 3 }), fc.string()), {
    maxLength: 8,
  })
  .map((parts) => escapeTerminal(parts.join('')));

test('escaped text is as wide as terminals draw it', () => {
  fc.assert(
    fc.property(escaped, (text) => widthOf(text) === stringWidth(text)),
    {
      numRuns: scaled(1000),
    },
  );
});

test('a text is its characters, one after the other', () => {
  fc.assert(fc.property(escaped, (text) => clusters(text).join('') === text));
  expect(clusters('naïve e\u0301…')).toEqual(['n', 'a', 'ï', 'v', 'e', ' ', 'e\u0301', '…']);
});
