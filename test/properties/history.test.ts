import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { openContents } from '../../src/judge/explain/contents.ts';
import {
  openFactsMemory,
  type FactsFile,
  type Content,
} from '../../src/judge/explain/facts-memory.ts';
import { findCause, reviewedContent } from '../../src/judge/explain/find-cause.ts';
import { findOnset } from '../../src/commands/investigate/onset.ts';
import { findingId } from '../../src/judge/transitions.ts';
import {
  pointOf,
  readMoments,
  type Histories,
  type RuntimeVersion,
} from '../../src/judge/explain/moments.ts';
import { buildTimeline } from '../../src/commands/investigate/timeline.ts';
import { listedFindings } from '../../src/compare/index.ts';
import {
  commitRevision,
  strictPolicy,
  type Finding,
  type PinnedCopy,
  type ReviewedChange,
  type UnmergedChange,
} from '../../src/model/index.ts';
import { judge, type OracleContract } from './oracle.ts';
import { memoryCopy, toContract } from './run.ts';
import { write, type Style, type Table } from './tables.ts';
import { fileAt } from '../sources/locations.ts';
import { scaled } from '../runs.ts';

const words: OracleContract = {
  key: [{ column: 'k', optional: false }],
  consumed: ['v'],
  normalize: { k: [], v: [] },
  min: 1,
  max: null,
  maxAmplification: null,
};
const [artifact, runtimeCopy] = toContract(words, false);
const header = ['k', 'v', 'note'];

/** Few keys and values: contents come again, copies are near to several, records lack their key. */
const tableRow = fc.tuple(
  fc.constantFrom('a', 'b', 'c', 'd', ''),
  fc.constantFrom('1', '2'),
  fc.constantFrom('x', 'y'),
);
const table: fc.Arbitrary<Table> = fc
  .array(tableRow, { maxLength: 6 })
  .map((rows) => ({ header, rows }));

/** What stands on a side: a table, or nothing. */
const there = fc.option(table, { freq: 5 });

const plain: Style = { delimiter: ',', bom: false, lastLineEnd: true, choices: [1] };

function bytesOf(content: Table): Buffer {
  // Line ends and quotes in one manner: equal tables are equal bytes.
  return write(content, { ...plain, choices: [3] }).bytes;
}

let serial = 0;

function copyOf(content: Table, blob: string): PinnedCopy {
  const copy = memoryCopy(`git:${blob}`, bytesOf(content), 7);
  return { ...copy, revision: commitRevision({ commit: blob, committedAt: '', blob }) };
}

/** As git names it: equal files have one id. */
function blobOf(content: Table): string {
  const bytes = bytesOf(content);
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}

/** Times in minutes. */
const time = (minutes: number): string => new Date(minutes * 60_000).toISOString();

function changeOf(content: Table | null, at: number, inForce: boolean): ReviewedChange {
  const commit = `commit-${(serial += 1)}`;
  const blob = content === null ? '' : blobOf(content);
  return {
    commit,
    author: 'A',
    subject: 'S',
    committedAt: time(at),
    path: 'p.csv',
    copy: content === null ? null : copyOf(content, blob),
    arrivedAt: inForce ? time(at) : null,
  };
}

function contentOf(content: Table, name: string): Content {
  return { side: 'runtime', name, lasting: true, copy: memoryCopy(name, bytesOf(content), 5) };
}

function versionOf(content: Table | null, at: number): RuntimeVersion {
  const versionId = `version-${(serial += 1)}`;
  return {
    version: {
      location: fileAt(versionId),
      versionId,
      lastModified: time(at),
      deleted: content === null,
      etag: '',
      bytes: 0,
    },
    content: content === null ? null : contentOf(content, versionId),
    taken: 'own',
    claim: null,
    error: null,
  };
}

function memoryFile(): FactsFile {
  const values = new Map<string, unknown>();
  return {
    get: (key) => values.get(key),
    // As a file has it.
    put: (key, value) => values.set(key, JSON.parse(JSON.stringify(value))),
  };
}

/** The keys whose variants or row counts differ, by plain counting. */
function editsOf(reviewed: Table, runtime: Table): Record<string, number> {
  const edits = { added: 0, removed: 0, duplicated: 0, conflict: 0, invalid: 0, total: 0 };
  const [before, after] = [reviewed, runtime].map(({ rows }) => {
    const units = new Map<string, Map<string, number>>();
    for (const [key = '', value = ''] of rows) {
      const variants = units.get(key) ?? new Map<string, number>();
      units.set(key, variants.set(value, (variants.get(value) ?? 0) + 1));
    }
    return units;
  }) as [Map<string, Map<string, number>>, Map<string, Map<string, number>>];
  const countOf = (units: Map<string, Map<string, number>>): number =>
    [...(units.get('')?.values() ?? [])].reduce((sum, rows) => sum + rows, 0);
  edits.invalid = Math.abs(countOf(before) - countOf(after));
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const [one, other] = [before.get(key), after.get(key)];
    if (key === '') continue;
    if (one === undefined) edits.added += 1;
    else if (other === undefined) edits.removed += 1;
    else if ([...one.keys()].sort().join() !== [...other.keys()].sort().join()) edits.conflict += 1;
    else if ([...one].some(([value, rows]) => other.get(value) !== rows)) edits.duplicated += 1;
  }
  edits.total = edits.added + edits.removed + edits.duplicated + edits.conflict + edits.invalid;
  return edits;
}

/** Whether two tables hold the same rows, as SPEC §2 counts them. */
function areEqual(reviewed: Table, runtime: Table): boolean {
  if (bytesOf(reviewed).equals(bytesOf(runtime))) return true;
  const found = judge(reviewed, runtime, words);
  const readable = found.reviewed.invalid + found.runtime.invalid === 0;
  return (
    readable && JSON.stringify(found.reviewed.multiset) === JSON.stringify(found.runtime.multiset)
  );
}

interface Asked {
  readonly changes: readonly { readonly content: Table | null; readonly inForce: boolean }[];
  readonly branch: readonly Table[];
  readonly runtime: Table;
}

/** The newest first. Hand edits: a runtime copy that is a version with a few cells changed. */
const asked: fc.Arbitrary<Asked> = fc
  .record({
    changes: fc.array(fc.record({ content: there, inForce: fc.boolean() }), {
      minLength: 1,
      maxLength: 8,
    }),
    branch: fc.array(table, { maxLength: 2 }),
    of: fc.nat(20),
    edits: fc.array(fc.tuple(fc.nat(5), tableRow), { maxLength: 2 }),
  })
  .map(({ changes, branch, of, edits }) => {
    const known = [...changes.map(({ content }) => content), ...branch].filter(
      (content) => content !== null,
    );
    const base = known[of % Math.max(1, known.length)] ?? { header, rows: [] };
    const rows = [...base.rows];
    for (const [at, edited] of edits) rows.splice(at, at % 2, edited);
    return { changes, branch, runtime: { header, rows } };
  });

interface ExpectedCause {
  /** No commit shares a unit with it; it may be one under loose reading. */
  readonly far?: true;
  readonly kind: string;
  readonly at?: number;
  readonly branch?: number;
  readonly behind?: number | null;
  readonly edits?: Record<string, number> | null;
}

/** The cause by brute force. */
function oracleCause({ changes, branch, runtime }: Asked): ExpectedCause | null {
  const same = (one: Asked['changes'][number]): boolean =>
    one.content !== null && bytesOf(one.content).equals(bytesOf(runtime));
  const rows = (one: Asked['changes'][number]): boolean =>
    one.content !== null && areEqual(one.content, runtime);
  const current = changes.find((one) => one.inForce);
  if (current !== undefined && rows(current)) return null;
  const found = causeOf(changes, same) ?? causeOf(changes, rows);
  if (found !== null) return found;
  const likely = branch.findIndex((content) => bytesOf(content).equals(bytesOf(runtime)));
  if (likely >= 0) return { kind: 'unmerged', branch: likely };
  const merged = branch.findIndex((content) => areEqual(content, runtime));
  if (merged >= 0) return { kind: 'unmerged', branch: merged };
  let nearest: { at: number; edits: Record<string, number> } | null = null;
  let isFar = false;
  for (const [at, { content }] of changes.entries()) {
    if (content === null) continue;
    const edits = editsOf(content, runtime);
    const judged = judge(content, runtime, words);
    const keys = (side: typeof judged.reviewed) =>
      new Set(side.multiset.map((row) => row.replace(/\],\[.*/, '')));
    const [r, t] = [keys(judged.reviewed), keys(judged.runtime)];
    if (![...r].some((key) => t.has(key))) {
      isFar = true;
      continue;
    }
    if (nearest === null || edits['total']! < nearest.edits['total']!) nearest = { at, edits };
  }
  if (nearest === null) return isFar ? { kind: 'edited', far: true } : { kind: 'unknown' };
  return { kind: 'edited', ...nearest, behind: null };
}

/** The newest version that is equal, one that was in force before one of a side branch. */
function causeOf(
  changes: Asked['changes'],
  equal: (one: Asked['changes'][number]) => boolean,
): ExpectedCause | null {
  const inForce = changes.filter((one) => one.inForce);
  const stood = inForce.findIndex(equal);
  if (stood >= 0) {
    const at = changes.indexOf(inForce[stood]!);
    return { kind: stood === 1 ? 'ahead' : 'stale', at, behind: stood, edits: null };
  }
  const side = changes.findIndex(equal);
  if (side < 0) return null;
  const newer = changes.slice(0, side).filter((one) => one.inForce).length;
  return { kind: 'stale', at: side, behind: Math.max(1, newer), edits: null };
}

test('the cause, the nearest commit and its edits are those of a brute-force search', async () => {
  const kinds = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(asked, async (given) => {
      const changes = given.changes.map(({ content, inForce }, index) =>
        changeOf(content, 1000 - index, inForce),
      );
      const unmerged = given.branch.map((content, index): UnmergedChange => {
        const { copy, ...rest } = changeOf(content, 2000 - index, false);
        return { ...rest, branch: `branch-${index}`, copy: copy! };
      });
      const file = memoryFile();
      const expected = oracleCause(given);
      const kind = expected?.kind ?? 'in force';
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      // The second time all is remembered.
      for (const _ of [1, 2]) {
        const contents = openContents(artifact, runtimeCopy, openFactsMemory(file));
        const cause = await findCause({
          contents,
          runtime: contentOf(given.runtime, 'now'),
          history: { changes, reach: 'complete' },
          unmerged: () => Promise.resolve(unmerged),
          isOver: () => false,
          whenOver: '',
          progress: () => undefined,
        });
        contents.close();
        expect(cause?.kind ?? null).toBe(expected?.kind ?? null);
        if (cause === null || expected === null) continue;
        if (cause.kind === 'unmerged') {
          expect(cause.branch).toBe(`branch-${expected.branch}`);
        } else if (expected.far === true) {
          expect([cause.commit === null, cause.edits]).toStrictEqual([
            cause.loose === undefined,
            null,
          ]);
        } else if (cause.kind !== 'unknown') {
          expect(cause.commit).toBe(changes[expected.at!]!.commit);
          expect(cause.behind).toBe(expected.behind);
          expect(cause.edits).toStrictEqual(expected.edits);
        }
      }
    }),
    { numRuns: scaled(120) },
  );
  // Every kind was met.
  for (const kind of ['ahead', 'stale', 'unmerged', 'edited', 'in force']) {
    expect(kinds.get(kind) ?? 0).toBeGreaterThan(0);
  }
});

test('out of time, the cause is unknown and says what takes more', async () => {
  const contents = openContents(artifact, runtimeCopy, openFactsMemory(null));
  const one = changeOf({ header, rows: [['a', '1', 'x']] }, 5, true);
  const cause = await findCause({
    contents,
    runtime: contentOf({ header, rows: [['b', '1', 'x']] }, 'now'),
    history: { changes: [one], reach: 'complete' },
    unmerged: () => Promise.resolve([]),
    isOver: () => true,
    whenOver: 'keydrift investigate slices',
    progress: () => undefined,
  });
  contents.close();
  expect(cause).toMatchObject({ kind: 'unknown', reason: 'keydrift investigate slices' });
});

test('an object of the second of a commit comes before it where its claim fits an older one', async () => {
  const [old, next] = [[['a', '1', 'x']], [['a', '2', 'x']]].map((rows) => ({ header, rows }));
  const changes = [changeOf(next!, 20, true), changeOf(old!, 10, true)];
  const sha256 = createHash('sha256').update(bytesOf(old!)).digest('hex');
  const nothing = { path: null, digest: null, contract: null };
  const relationsOf = async (claim: RuntimeVersion['claim']): Promise<readonly unknown[]> => {
    const version = { ...versionOf(old!, 20), claim };
    const contents = openContents(artifact, runtimeCopy, openFactsMemory(null));
    const histories = { changes, versions: [version], allVersions: true, allChanges: true };
    const moments = await readMoments(histories, contents, () => undefined);
    contents.close();
    return moments.map(({ standing, relation }) => [standing.side, relation]);
  };
  const late = [
    ['reviewed', null],
    ['reviewed', null],
    ['runtime', 'drifted'],
  ];
  expect(await relationsOf(null)).toStrictEqual(late);
  const claim = { ...nothing, commit: changes[1]!.commit, blob: blobOf(old!) };
  expect(await relationsOf({ ...claim, sha256: '0'.repeat(64) })).toStrictEqual(late);
  expect(await relationsOf({ ...claim, commit: null, sha256 })).toStrictEqual([
    ['reviewed', null],
    ['runtime', 'identical'],
    ['reviewed', 'drifted'],
  ]);
});

/** Both histories as events, the oldest first, with the minutes between them. */
const events = fc.array(
  fc.record({
    side: fc.constantFrom('reviewed' as const, 'runtime' as const),
    content: there,
    wait: fc.nat(2),
  }),
  { minLength: 1, maxLength: 10 },
);

test('onset and relations are those of an oracle, delete markers included', async () => {
  let drifting = 0;
  await fc.assert(
    fc.asyncProperty(events, async (given) => {
      let minute = 100;
      const placed = given.map((one) => ({ ...one, at: (minute += one.wait) }));
      const changes = placed
        .filter(({ side }) => side === 'reviewed')
        .map(({ content, at }) => changeOf(content, at, true));
      const versions = placed
        .filter(({ side }) => side === 'runtime')
        .map(({ content, at }) => versionOf(content, at));
      const histories: Histories = {
        changes: changes.toReversed(),
        versions: versions.toReversed(),
        allVersions: true,
        allChanges: true,
      };
      const contents = openContents(artifact, runtimeCopy, openFactsMemory(null));
      const moments = await readMoments(histories, contents, () => undefined);
      const timeline = await buildTimeline(histories, moments, contents);
      const now = new Date(Date.parse(time(1000)));
      const found: (readonly Finding[])[] = [];
      for (const { change, version } of moments) {
        const [r, t] = [change?.copy ?? null, version?.content ?? null];
        const both = r !== null && t !== null;
        const compared = both ? await contents.compare(reviewedContent(r), t) : null;
        found.push(compared === null ? [] : listedFindings(compared.found));
      }
      const findings = found.at(-1) ?? [];
      const known = { histories, moments, contents, policy: strictPolicy, now };
      const { onset, beganWith } = await findOnset({ ...known, findings });
      contents.close();
      const stand = (one: Finding) => {
        const before = found.findLastIndex(
          (all) => !all.some((it) => findingId(it) === findingId(one)),
        );
        return moments[before + 1]!;
      };
      for (const one of findings.filter(({ key }) => key !== null)) {
        expect(beganWith(one)).toStrictEqual(pointOf(stand(one)));
      }

      // At one time a reviewed change counts before an object; a side keeps its order.
      const ordered = placed.toSorted(
        (a, b) => a.at - b.at || (a.side === b.side ? 0 : a.side === 'reviewed' ? -1 : 1),
      );
      const ids = {
        reviewed: changes.map(({ commit }) => commit),
        runtime: versions.map(({ version }) => version.versionId),
      };
      const next = { reviewed: 0, runtime: 0 };
      const now2: { reviewed: Table | null | undefined; runtime: Table | null | undefined } = {
        reviewed: undefined,
        runtime: undefined,
      };
      const states = ordered.map(({ side, content }) => {
        now2[side] = content;
        const id = ids[side][next[side]++];
        return { id, ...stateOf(now2.reviewed ?? null, now2.runtime) };
      });
      expect(
        timeline.map((entry) => ('commit' in entry ? entry.commit : entry.versionId)),
      ).toStrictEqual(states.map(({ id }) => id).toReversed());
      expect(timeline.map(({ relation }) => relation)).toStrictEqual(
        states.map(({ relation }) => relation).toReversed(),
      );
      let begin: number | null = null;
      for (let at = states.length - 1; at >= 0 && states[at]!.drift.size > 0; at -= 1) begin = at;
      expect(onset?.id ?? null).toBe(begin === null ? null : states[begin]!.id);
      if (onset === null || begin === null) return;
      drifting += 1;
      for (const kind of [
        'added',
        'removed',
        'duplicated',
        'conflict',
        'invalid',
        'bounds',
      ] as const) {
        let since: number | null = null;
        for (let at = states.length - 1; at >= 0 && states[at]!.drift.has(kind); at -= 1)
          since = at;
        expect(onset.byKind[kind]?.id ?? null).toBe(since === null ? null : states[since]!.id);
      }
      const lasting = ordered
        .slice(begin)
        .filter(({ side, content }) => side === 'runtime' && content !== null).length;
      const stood = ordered.slice(0, begin).findLast(({ side }) => side === 'runtime');
      const carried =
        ordered[begin]!.side === 'reviewed' && (stood?.content ?? null) !== null ? 1 : 0;
      expect(onset.versions).toBe(lasting + carried);
    }),
    { numRuns: scaled(120) },
  );
  expect(drifting).toBeGreaterThan(20);
});

/** How two sides stand, by the oracle: undefined is what is not known yet. */
function stateOf(
  reviewed: Table | null,
  runtime: Table | null | undefined,
): { readonly relation: string | null; readonly drift: ReadonlySet<string> } {
  if (runtime === undefined) return { relation: null, drift: new Set() };
  if (runtime === null) {
    return reviewed === null
      ? { relation: null, drift: new Set() }
      : { relation: 'missing', drift: new Set(['missing']) };
  }
  if (reviewed === null) return { relation: 'unreviewed', drift: new Set(['unreviewed']) };
  const drift = new Set(judge(reviewed, runtime, words).findings.map(({ kind }) => kind));
  if (bytesOf(reviewed).equals(bytesOf(runtime))) return { relation: 'identical', drift };
  return { relation: areEqual(reviewed, runtime) ? 'equivalent' : 'drifted', drift };
}
