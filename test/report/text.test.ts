import * as fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import type { Report } from '../../src/model/index.ts';
import { reporters, type ReportOptions } from '../../src/report/index.ts';
import { anyReport } from './arbitrary.ts';
import { artifact, finding, inSync, key, options, participant, report, row } from './build.ts';
import { anyOptions, raw, unpaint } from './terminal-text.ts';

/** Lines that are to be copied, and so are whole however long. */
const whole =
  /^ {2}(reviewed|runtime|owner|runbook|next) {2,}|^ {8,}(aws|git|keydrift) |^(DRIFTED|NO VERDICT|in sync|contract holds|CONTRACT BROKEN) /;

describe('whatever the report says', () => {
  test('nothing raw of a file reaches the terminal', () => {
    fc.assert(
      fc.property(anyReport, anyOptions, (any, how) => {
        const told = tell(any, how);
        expect(how.color ? unpaint(told) : told).not.toMatch(raw);
      }),
      { numRuns: 60 },
    );
  });

  test('no line is wider than the terminal, but for one word or one that is to be copied', () => {
    fc.assert(
      fc.property(anyReport, anyOptions, (any, how) => {
        const wide = unpaint(tell(any, how))
          .split('\n')
          .filter((line) => stringWidth(line) > how.width)
          .filter((line) => line.trim().includes(' ') && !whole.test(line));
        expect(wide).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

describe('the limit', () => {
  const findings = [
    ...Array.from({ length: 50 }, (_, at) =>
      finding('added', 'runtime', [row('runtime', at + 2, participant(`added-${at}`))], {
        key: key(`added-${at}`),
      }),
    ),
    finding('conflict', 'across', [], { key: key('clash') }),
    finding('removed', 'reviewed', [], { key: key('unseen'), severity: 'ignore' }),
  ];

  test.each([0, 1, 2, 7, 50, 51, 1000])('of %i shows so many, and counts the others', (limit) => {
    const told = tell(report([artifact({ findings })]), { limit });
    const shown = told.match(/^ +(across +)?(added-\d+|clash) /gm) ?? [];
    const more = (told.match(/\+(\d+) more/g) ?? []).map((one) => Number(one.slice(1, -5)));
    expect(shown).toHaveLength(Math.min(limit, 51));
    expect(more.reduce((sum, one) => sum + one, 0)).toBe(Math.max(0, 51 - limit));
  });

  test('never lets many of one kind hide another', () => {
    expect(tell(report([artifact({ findings })]), { limit: 2 })).toContain('clash');
  });

  test('what policy ignores is not told', () => {
    expect(tell(report([artifact({ findings })]), { limit: 1000 })).not.toContain('unseen');
  });
});

describe('quiet', () => {
  test('says nothing while all is in sync', () => {
    expect(tell(report([inSync('a'), inSync('b')]), { quiet: true })).toBe('');
  });

  test('has a line for each artifact that is not', () => {
    const told = tell(report([inSync('a'), artifact({ name: 'b' }), artifact({ name: 'c' })]), {
      quiet: true,
    });
    expect(told.split('\n').map((line) => line.split(/ +/)[1])).toEqual(['b', 'c', undefined]);
  });
});

test('without colour there is no escape, with it every style ends', () => {
  const one = report([artifact()]);
  expect(tell(one, { color: false })).not.toContain('\u001b');
  expect(tell(one, { color: true })).toContain('\u001b[31mDRIFTED\u001b[39m');
});

function tell(any: Report, over: Partial<ReportOptions>): string {
  return [...reporters.text(any, { ...options, ...over })].join('');
}
