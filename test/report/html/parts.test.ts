import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { byCodeUnits } from '../../../src/model/names.ts';
import { whatText } from '../../../src/report/html/finding-facts.ts';
import { differingPart } from '../../../src/report/html/page/differing.ts';
import { nextSort, sortRows } from '../../../src/report/html/page/sort.ts';
import { timeScale } from '../../../src/report/html/scale.ts';
import { causePart, onPage, sentenceMarkup } from '../../../src/report/html/sentence.ts';
import { keepTogether } from '../../../src/report/width.ts';
import { text } from '../arbitrary.ts';
import { finding, key, participant, row } from '../build.ts';
import { cause } from './incident.ts';

describe('the scale of the timeline', () => {
  const times = fc.array(fc.integer({ min: 0, max: 4e12 }), { minLength: 1, maxLength: 60 });

  test('keeps order, stays inside, and finds the time of a place again', () => {
    fc.assert(
      fc.property(times, (all) => {
        const scale = timeScale(all);
        const sorted = [...new Set(all)].sort((a, b) => a - b);
        const places = sorted.map(scale.place);
        for (const [at, place] of places.entries()) {
          expect(place).toBeGreaterThanOrEqual(0);
          expect(place).toBeLessThanOrEqual(100);
          if (at > 0) expect(place).toBeGreaterThan(places[at - 1]!);
          expect(scale.timeAt(place)).toBeCloseTo(sorted[at]!, -1);
        }
      }),
    );
  });

  test('keeps a few events apart, however close in time', () => {
    const year = 365 * 86_400_000;
    const scale = timeScale([0, year, year + 1, year + 2]);
    expect(scale.place(year + 1) - scale.place(year)).toBeGreaterThan(1);
  });
});

describe('what differs of a value', () => {
  test('is a part of it: the three parts are the value', () => {
    fc.assert(
      fc.property(text, text, (value, other) => {
        expect(differingPart(value, other).join('')).toBe(value);
      }),
    );
  });

  test('is cut out of what long values share', () => {
    const path = (region: string): string => `s3://lake/sales/region=${region}/part-1`;
    expect(differingPart(path('eu'), path('us'))).toEqual([
      's3://lake/sales/region=',
      'eu',
      '/part-1',
    ]);
    expect(differingPart('full', 'ful')).toEqual(['', 'full', '']);
  });

  test('is shown where two values look alike', () => {
    const rows = [
      row('reviewed', 2, participant('P-1', { mode: 'caf\u00e9' })),
      row('runtime', 2, participant('P-1', { mode: 'cafe\u0301' })),
    ];
    const told = whatText(
      finding('conflict', 'across', rows, { key: key('P-1'), fields: ['run_mode'] }),
    );
    const [left, right] = told.replace('run_mode: ', '').split(' → ');
    expect(left).toMatch(/^[ -~]+$/);
    expect(right).toMatch(/^[ -~]+$/);
    expect(left).not.toBe(right);
  });
});

describe('sorting', () => {
  const columns = [{ id: 'a', compare: (x: string, y: string) => byCodeUnits(x, y) }];
  const rows = ['b', 'B', 'a', '\u{1f600}', '\uffff'];

  test('goes up, then down, then back to the order of the report', () => {
    const first = nextSort(null, 'a');
    const second = nextSort(first, 'a');
    expect(sortRows(rows, columns, first)).toEqual(['B', 'a', 'b', '\u{1f600}', '\uffff']);
    expect(sortRows(rows, columns, second)).toEqual(['\uffff', '\u{1f600}', 'b', 'a', 'B']);
    expect(sortRows(rows, columns, nextSort(second, 'a'))).toEqual(rows);
    expect(nextSort(second, 'other')).toEqual({ column: 'other', direction: 'ascending' });
  });
});

describe('a sentence on the page', () => {
  const innerText = (html: string): string =>
    html
      .replaceAll(/<[^>]*>/g, '')
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>');

  test('isolates the words of a stranger, whatever they are', () => {
    for (const words of ['Ada', '<b>', '\u2069 it is fine. \u2068', '\u05d0\u05d1', '']) {
      const { html } = sentenceMarkup(`${onPage.title(words)} (${onPage.title('x')}) made it.`);
      expect(html).toMatch(/^<bdi>[^<]*<\/bdi> \(<bdi>x<\/bdi>\) made it\.$/);
      expect(html).not.toMatch(/[\u2068\u2069]/);
    }
  });

  test('has plain spaces where a terminal must not break it', () => {
    const { html } = sentenceMarkup(`Fetch: ${keepTogether('git fetch --all')}`);
    expect(innerText(html)).toBe('Fetch: git fetch --all');
  });

  test('tells every cause, with what it knows and without', () => {
    const unknown = { commit: null, subject: null, author: null, committedAt: null, edits: null };
    for (const kind of ['stale', 'unmerged', 'edited', 'ahead', 'unknown'] as const) {
      for (const over of [
        {},
        unknown,
        { behind: 3, branch: 'fix', reason: 'the clone is shallow' },
      ]) {
        const { html } = causePart({ ...cause, ...over, kind }, '2026-11-20T00:00:00.000Z');
        expect(innerText(html).toLowerCase()).toMatch(new RegExp(`^${kind}: .*[.)]$`));
        expect(html).not.toMatch(/null|undefined/);
      }
    }
  });
});
