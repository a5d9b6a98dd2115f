import * as fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import type { ReportOptions } from '../../src/report/index.ts';
import { scaled } from '../runs.ts';

/** What may never reach a terminal: controls, invisible and other spaces' characters. */
export const raw: RegExp = /(?!\n)\p{Cc}|[\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;

const escape = '\u001b';
const ownStyles = new RegExp(String.raw`${escape}\[(?:[127]|2[27]|3[1-39])m`, 'g');

/** A told text without the reporters' own styles. */
export function unpaint(told: string): string {
  return told.replaceAll(ownStyles, '');
}

/** Any way in which text may be told. */
const anyOptions: fc.Arbitrary<ReportOptions> = fc.record({
  width: fc.integer({ min: 40, max: 140 }),
  color: fc.boolean(),
  limit: fc.nat(10),
  quiet: fc.boolean(),
});

/** What a terminal is told of any document; `whole`: lines that are to be copied, however long. */
export function describeTerminal<T>(
  title: string,
  anything: fc.Arbitrary<T>,
  tell: (any: T, how: ReportOptions) => string,
  whole: RegExp,
): void {
  describe(`told at a terminal: ${title}`, () => {
    test('nothing raw of a stranger reaches the terminal', () => {
      fc.assert(
        fc.property(anything, anyOptions, (any, how) => {
          const told = tell(any, how);
          expect(how.color ? unpaint(told) : told).not.toMatch(raw);
        }),
        { numRuns: scaled(60) },
      );
    });

    test('no line is wider than the terminal, but for one word or one that is to be copied', () => {
      fc.assert(
        fc.property(anything, anyOptions, (any, how) => {
          const wide = unpaint(tell(any, how))
            .split('\n')
            .filter((line) => stringWidth(line) > how.width)
            .filter((line) => line.trim().includes(' ') && !whole.test(line));
          expect(wide).toEqual([]);
        }),
        { numRuns: scaled(60) },
      );
    });
  });
}
