import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  filledDrifts,
  searchMoments,
  searchReason,
} from '../../../src/commands/investigate/bisect.ts';
import { noFindings } from '../../../src/compare/index.ts';
import { findDriftRun } from '../../../src/history/index.ts';
import type { Contents } from '../../../src/judge/explain/contents.ts';
import { driftsOf, type Histories } from '../../../src/judge/explain/moments.ts';
import { strictPolicy, type PinnedCopy, type ReviewedChange } from '../../../src/model/index.ts';
import { scaled } from '../../runs.ts';

const copy = { location: 'there', revision: { facts: {} }, bytes: 0 } as unknown as PinnedCopy;
const time = (at: number): string => new Date(1_700_000_000_000 + at * 60_000).toISOString();

/** A reviewed copy that never changes, and snapshots, the newest first. */
function historiesOf(count: number): Histories {
  const change = { commit: 'c0', arrivedAt: time(0), copy } as unknown as ReviewedChange;
  const versions = Array.from({ length: count }, (_, at) => {
    const id = String(count - at);
    const version = {
      location: { kind: 'toy' },
      versionId: id,
      lastModified: time(Number(id)),
      deleted: false,
      etag: null,
      bytes: null,
    };
    const content = { side: 'runtime', name: id, lasting: true, copy } as const;
    return { version, content, taken: 'own', claim: null, error: null } as const;
  });
  return { changes: [change], versions, allVersions: true, allChanges: true };
}

test('the begin of what lasts is found, of each kind by itself, with few comparisons', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 300 }).chain((count) =>
        fc.record({
          count: fc.constant(count),
          duplicated: fc.integer({ min: 1, max: count + 1 }),
          added: fc.integer({ min: 1, max: count + 1 }),
        }),
      ),
      async ({ count, duplicated, added }) => {
        const contents = {
          relate: (_: unknown, { name }: { readonly name: string }) => {
            const counts = noFindings();
            if (Number(name) >= duplicated) counts.duplicated = 1;
            if (Number(name) >= added) counts.added = 1;
            const drifts = counts.duplicated + counts.added > 0;
            return Promise.resolve({
              relation: drifts ? 'drifted' : 'equivalent',
              counts,
              edits: null,
              columns: null,
            });
          },
        } as unknown as Contents;
        const found = await searchMoments(
          historiesOf(count),
          contents,
          strictPolicy,
          () => undefined,
        );
        const run = findDriftRun(filledDrifts(driftsOf(found.moments, strictPolicy), found));
        const at = (moment: number | undefined): string | null =>
          moment === undefined ? null : (found.moments[moment]?.version?.version.versionId ?? null);
        const first = Math.min(duplicated, added);
        expect(at(run?.begin)).toBe(first > count ? null : String(first));
        for (const [kind, from] of [
          ['duplicated', duplicated],
          ['added', added],
        ] as const) {
          expect(at(run?.byKind.get(kind))).toBe(from > count ? null : String(from));
        }
        expect(found.read.size).toBeLessThanOrEqual(1 + 3 * Math.ceil(Math.log2(count + 1)));
        expect(searchReason(found) === null).toBe(found.read.size === count);
      },
    ),
    { numRuns: scaled(40) },
  );
});
