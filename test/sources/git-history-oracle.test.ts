import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { KeydriftError } from '../../src/model/index.ts';
import { openGitSource } from '../../src/sources/git/git.ts';
import { isolated, makeRepository, scratch, userId } from './git-fixture.ts';
import { scaled } from '../runs.ts';

const place = scratch();
afterAll(() => place.remove());

const paths = ['a.csv', 'b.csv'] as const;
const start = 1_700_000_000;

/** A commit of a made-up history: its parents by number, and what it holds of each path. */
interface Made {
  readonly parents: readonly number[];
  readonly held: readonly (string | null)[];
  readonly clock: number;
}

/** What one commit does: where its parents are, counted back, and what each path gets. */
interface Step {
  readonly back: readonly number[];
  readonly edits: readonly (string | null | undefined)[];
  readonly clock: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  back: fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 3 }),
  // Undefined: what the first parent has, or the second.
  edits: fc.array(fc.option(fc.constantFrom('x', 'y', 'z', null, 'second'), { nil: undefined }), {
    minLength: 2,
    maxLength: 2,
  }),
  clock: fc.integer({ min: -5, max: 5 }),
});

function make(steps: readonly Step[]): Made[] {
  const commits: Made[] = [{ parents: [], held: ['x of a.csv', null], clock: 0 }];
  for (const { back, edits, clock } of steps) {
    const at = commits.length;
    const parents = [...new Set(back.map((distance) => Math.max(0, at - 1 - distance)))];
    const [first, second] = parents.map((parent) => commits[parent]!);
    const held = edits.map((edit, index) => {
      if (edit === undefined) return first!.held[index]!;
      if (edit === 'second') return (second ?? first)!.held[index]!;
      // Paths have nothing in common: this is not about renames.
      return edit === null ? null : `${edit} of ${paths[index]}`;
    });
    commits.push({ parents, held, clock });
  }
  return commits;
}

/** The stream that `git fast-import` makes these commits of; the subject is a commit's number. */
function streamOf(commits: readonly Made[]): string {
  return commits
    .map(({ parents, held, clock }, at) => {
      const time = start + at + clock * 10;
      const [first, ...merged] = parents.map((parent) => `:${parent + 1}`);
      const lines = [
        `commit refs/heads/main\nmark :${at + 1}`,
        `committer C <c@d> ${time} +0000\ndata ${String(at).length}\n${at}`,
        ...(first === undefined ? [] : [`from ${first}`]),
        ...merged.map((parent) => `merge ${parent}`),
        ...held.map((content, index) =>
          content === null
            ? `D ${paths[index]}`
            : `M 100644 inline ${paths[index]}\ndata ${content.length}\n${content}`,
        ),
      ];
      return `${at === 0 ? '' : 'reset refs/heads/main\n\n'}${lines.join('\n')}\n\n`;
    })
    .join('');
}

/** By the definition, commit by commit. */
function expected(commits: readonly Made[], path: number): readonly (readonly unknown[])[] {
  const reachable = new Set([commits.length - 1]);
  for (let at = commits.length - 1; at >= 0; at--) {
    if (reachable.has(at)) for (const parent of commits[at]!.parents) reachable.add(parent);
  }
  const chain = new Set<number>();
  for (let at: number | undefined = commits.length - 1; at !== undefined;) {
    chain.add(at);
    at = commits[at]!.parents[0];
  }
  let arrivedAt = 0;
  return commits.flatMap(({ parents, held, clock }, at) => {
    const content = held[path]!;
    const before = parents.map((parent) => commits[parent]!.held[path]!);
    if (chain.has(at)) arrivedAt = Math.max(arrivedAt, start + at + clock * 10);
    if (!reachable.has(at)) return [];
    const arrived = chain.has(at) && content !== (before[0] ?? null);
    const own = parents.length === 0 ? content !== null : before.every((old) => old !== content);
    return arrived || own ? [[at, arrived ? arrivedAt : null]] : [];
  });
}

test('any history is told as its commits define it', async () => {
  let count = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
      const root = join(place.path, `repository-${count++}`);
      const repository = makeRepository(root);
      const commits = make(steps);
      execFileSync('git', ['-C', root, 'fast-import', '--quiet'], {
        env: isolated,
        input: streamOf(commits),
      });
      const cacheDirectory = join(place.path, 'cache');
      const source = openGitSource({ userId, ref: 'main', cacheDirectory, environment: isolated });
      const locations = paths.map(
        (path) => ({ kind: 'git', repository: root, path, ref: null }) as const,
      );
      const histories = await source.reviewedHistories(locations, new Date());
      const last = await source.lastChanges(locations);
      const order = repository.git('rev-list', '--topo-order', '--format=%s', 'main').split('\n');
      for (const [index, history] of histories.entries()) {
        if (history instanceof KeydriftError) throw history;
        const told = history.changes.map(({ subject, arrivedAt }) => [
          Number(subject),
          arrivedAt === null ? null : Date.parse(arrivedAt) / 1000,
        ]);
        expect(told.toSorted(byFirst)).toEqual(expected(commits, index));
        for (const { subject, copy } of history.changes) {
          const content = commits[Number(subject)]!.held[index]!;
          const chunks: Uint8Array[] = [];
          if (copy !== null) for await (const chunk of copy.open()) chunks.push(chunk);
          expect(copy === null ? null : Buffer.concat(chunks).toString()).toBe(content);
        }
        const inForce = history.changes.find(({ arrivedAt }) => arrivedAt !== null);
        const { commit, committedAt } = inForce ?? {};
        expect(last[index]).toEqual(inForce === undefined ? null : { commit, committedAt });
        const positions = told.map(([at]) => order.indexOf(String(at)));
        expect(positions).toEqual(positions.toSorted((a, b) => a - b));
      }
      await source.close();
    }),
    { numRuns: scaled(15) },
  );
});

function byFirst([a]: readonly unknown[], [b]: readonly unknown[]): number {
  return Number(a) - Number(b);
}
