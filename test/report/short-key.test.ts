import { expect, test } from 'vitest';
import type { Cells, Finding } from '../../src/model/index.ts';
import { shortKeyOf } from '../../src/report/short-key.ts';
import { workSentences } from '../../src/report/sentences.ts';
import { artifact, finding, reviewedSide, row } from './build.ts';

/** A unit whose rows of the reviewed copy disagree. */
function disagreeing(
  id: string,
  rows: readonly (readonly [region: string, mode: string, weight: string])[],
): Finding {
  const cells = rows.map(([region, mode, weight], at) => {
    const values: Cells = [
      ['id', id],
      ['region', region],
      ['mode', mode],
      ['weight', weight],
    ];
    return row('reviewed', at + 2, values);
  });
  const fields = ['region', 'mode', 'weight'].filter(
    (_, at) => new Set(rows.map((one) => one[at])).size > 1,
  );
  return finding('conflict', 'reviewed', cells, { key: [['id', id]], fields });
}

function lackingOf(findings: readonly Finding[], units: number): readonly string[] | null {
  const told = artifact({ findings, reviewed: reviewedSide({ units }) });
  return shortKeyOf(told)?.lacking ?? null;
}

const byRegion = ['P-1', 'P-2', 'P-3'].map(
  (id, at) =>
  disagreeing(id, [['EU', 'full', `${at}.5`], ['US', 'delta', `${at}.7`], ['US', 'delta', `${at}.7`]]), // prettier-ignore
);

test('a column that tells all rows apart, of the reviewed copy, is what the key lacks', () => {
  expect(lackingOf(byRegion, 4)).toEqual(['region']);
  const two = ['P-1', 'P-2'].map(
    (id) =>
    disagreeing(id, [['EU', 'full', '1.5'], ['EU', 'delta', '2.5'], ['US', 'full', '3.5']]), // prettier-ignore
  );
  expect(lackingOf(two, 2)).toEqual(['region', 'mode']);
  // It comes before what is only its consequence.
  const reviewed = reviewedSide({ units: 2, redundant: 4 });
  const told = workSentences(artifact({ state: 'identical', findings: two, reviewed }));
  expect(told.at(-1)).toMatch(/Fix it in git first\.$/);
  expect(told[0]).toBe('Is the key too short? Rows disagree in 2 of the 2 units of the reviewed copy; with region and mode in it (id, region, mode) none of those listed would.'); // prettier-ignore
});

test('a few faults of rows, one unit, measures, or the runtime copy alone say nothing of the key', () => {
  expect(lackingOf(byRegion, 100)).toBeNull();
  expect(lackingOf(byRegion.slice(0, 1), 1)).toBeNull();
  const weights = ['P-1', 'P-2'].map(
    (id) =>
    disagreeing(id, [['EU', 'full', '1.5'], ['EU', 'full', '2.5']]), // prettier-ignore
  );
  expect(lackingOf(weights, 2)).toBeNull();
  const runtime = byRegion.map((one) => ({ ...one, side: 'runtime' }) as const);
  expect(lackingOf(runtime, 3)).toBeNull();
  const ignored = byRegion.map((one) => ({ ...one, severity: 'ignore' }) as const);
  expect(lackingOf(ignored, 3)).toBeNull();
});
