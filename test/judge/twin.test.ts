import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formats } from '../../src/formats/index.ts';
import { scanRequest } from './scan-request.ts';
import { compareScanned, type ComparedRows } from '../../src/judge/compare-scanned.ts';
import { scanNamed } from '../../src/judge/copies.ts';
import { keepSmall } from '../../src/judge/memory.ts';
import {
  reviewedRequest,
  runtimeRequest,
  type ScanRequest,
  type ScannedCopy,
} from '../../src/judge/request.ts';
import { planScan } from '../../src/engine/index.ts';
import { readJustSo, twinOf } from '../../src/judge/twin.ts';
import {
  allReaders,
  defaultLimits,
  fileRevision,
  strictPolicy,
  type ArtifactContract,
  type PinnedCopy,
  type PublishedClaim,
  type RuntimeCopy,
  type SaidReaders,
  type Side,
} from '../../src/model/index.ts';
import { scaled } from '../runs.ts';

/** Rows that repeat keys, alike and otherwise, that are invalid, or are another key respelled. */
const record = fc
  .tuple(fc.constantFrom('A', 'a', 'B', ''), fc.constantFrom('x', 'y', 'x,more'))
  .map(([key, value]) => `${key},${value}\n`);
const body = fc.array(record, { maxLength: 12 }).map((rows) => `k,m\n${rows.join('')}`);

interface Told {
  opened: number;
}

function copyOf(text: string, name: string, told: Told = { opened: 0 }): PinnedCopy {
  const bytes = Buffer.from(text);
  return {
    location: `file:/${name}`,
    revision: fileRevision('2026-11-22T17:00:00.000Z'),
    bytes: bytes.length,
    // The port is asynchronous; nothing here waits.
    // oxlint-disable-next-line typescript/require-await
    async *open(range = { start: 0, end: bytes.length }) {
      told.opened += 1;
      yield bytes.subarray(range.start, range.end);
    },
  };
}

function requestOf(side: Side, more: Partial<ScanRequest> = {}): ScanRequest {
  return scanRequest({
    side,
    written: { csv: { delimiter: ',' } },
    key: [{ column: 'k', optional: false }],
    consumes: ['m'],
    normalize: new Map([['m', [{ step: 'trim', parameter: null }]]]),
    counterpart: side === 'runtime' ? ['m'] : null,
    ...more,
  });
}

const artifact = {
  units: { min: 1, max: 3 },
  maxAmplification: 1.2,
  limits: { findings: 2 },
  accept: [],
} as unknown as ArtifactContract;

const scanReviewed = (text: string, name = 'a.csv'): Promise<ScannedCopy> =>
  scanNamed(keepSmall(copyOf(text, name)), requestOf('reviewed'));

/** What else a comparison asks for. */
interface Variant {
  readonly words?: Partial<ArtifactContract>;
  readonly readers?: SaidReaders;
}

const variants: readonly Variant[] = [
  {},
  { words: { ordered: true } },
  { words: { accept: [{ key: ['A'] }] as unknown as ArtifactContract['accept'] } },
  { readers: { readers: allReaders, form: 'stored', named: [] } },
  { readers: { readers: allReaders, form: 'canonical', named: [] } },
];

function compare(
  reviewed: ScannedCopy,
  runtime: ScannedCopy,
  { words, readers }: Variant = {},
): Promise<ComparedRows> {
  const copy = { policy: strictPolicy, ...(readers === undefined ? {} : { readers }) };
  return compareScanned({ ...artifact, ...words }, copy, { reviewed, runtime });
}

/** What a report comes from. */
function facts({ found, keys, state, redundant, reviewed, runtime }: ComparedRows): unknown {
  const sides = [reviewed, runtime].map(({ keyset, sha256, warnings }) => {
    const { rows, units, invalid } = keyset.table;
    return { rows, units, invalid, digest: keyset.digest, sha256, warnings };
  });
  return { found, keys, state, redundant: [...redundant], sides };
}

test('equal bytes that are read alike are scanned once, and told of as if they were scanned twice', async () => {
  await fc.assert(
    fc.asyncProperty(body, async (text) => {
      const request = requestOf('runtime');
      const copy = keepSmall(copyOf(text, 'b.csv'));
      const reviewed = await scanReviewed(text);
      const twin = await twinOf(reviewed, copy, request);
      expect(twin?.keyset).toBe(reviewed.keyset);
      expect(twin).toMatchObject({ copy, request });
      const once: unknown[] = [];
      for (const variant of variants) once.push(facts(await compare(reviewed, twin!, variant)));
      const scanned = await scanNamed(copy, request, { scope: null, partner: reviewed });
      const twice: unknown[] = [];
      for (const variant of variants) twice.push(facts(await compare(reviewed, scanned, variant)));
      expect(once).toEqual(twice);
    }),
    { numRuns: scaled(60) },
  );
});

test('what is read otherwise, or is not at hand, is scanned', async () => {
  const text = 'k,m\nA,x\n';
  const reviewed = await scanReviewed(text);
  const twin = (copy: PinnedCopy, more: Partial<ScanRequest> = {}): Promise<ScannedCopy | null> =>
    twinOf(reviewed, copy, requestOf('runtime', more));
  const kept = keepSmall(copyOf(text, 'b.csv'));
  expect(await twin(kept)).not.toBeNull();
  const otherwise: Partial<ScanRequest>[] = [
    { written: { csv: { delimiter: ';' } } },
    { written: { csv: { delimiter: ',', names: ['k', 'm'] } } },
    { rename: new Map([['k', 'm']]) },
    { normalize: new Map() },
    { key: [{ column: 'k', optional: true }] },
    { consumes: [] },
    { descriptive: ['m'] },
    { limits: { ...defaultLimits, columns: 1 } },
    { formats: { ...formats } },
    { decoding: { ...requestOf('runtime').decoding, encoding: 'latin1' } },
    { decoding: { ...requestOf('runtime').decoding, format: 'csv' } },
  ];
  for (const more of otherwise) expect([more, await twin(kept, more)]).toEqual([more, null]);
  for (const name of ['b', 'b.json', 'b.csv.gz']) {
    expect([name, await twin(keepSmall(copyOf(text, name)))]).toEqual([name, null]);
  }
  expect(await twin(keepSmall(copyOf('k,m\nA,y\n', 'b.csv')))).toBeNull();
  expect(await twin(copyOf(text, 'b.csv'))).toBeNull();
});

test('artifacts that say alike have one request and one plan, and any other word gives another', () => {
  const words = {
    key: [{ column: 'k', optional: false }],
    consumes: null,
    descriptive: [],
    normalize: new Map(),
    csv: {},
  } as unknown as ArtifactContract;
  const copy = { csv: {}, columns: new Map() } as unknown as RuntimeCopy;
  const first = reviewedRequest(words);
  expect(reviewedRequest({ ...words, name: 'other' })).toBe(first);
  const counterpart = ['m'];
  const runtime = runtimeRequest(words, copy, counterpart);
  expect(runtimeRequest({ ...words }, { ...copy }, counterpart)).toBe(runtime);
  expect(runtimeRequest(words, copy, ['n']).counterpart).toEqual(['n']);
  expect(runtimeRequest(words, { ...copy, csv: { delimiter: ';' } }, null).written).toMatchObject({
    csv: { delimiter: ';' },
  });
  const others: Partial<ArtifactContract>[] = [
    { key: [{ column: 'k', optional: true }] },
    { consumes: ['m'] },
    { descriptive: ['m'] },
    { normalize: new Map([['k', [{ step: 'trim', parameter: null }]]]) },
    { csv: { delimiter: ';' } },
    { written: { encoding: 'latin1' } },
    { limits: { columns: 1 } },
    { formats: { ...formats } },
  ];
  for (const other of others) {
    const [name] = Object.keys(other);
    const request = reviewedRequest({ ...words, ...other });
    expect([name, readJustSo({ copy: kept, request }, { copy: kept, request: first })]).toEqual([
      name,
      name === 'formats',
    ]);
  }
  const plan = planScan(['k', 'm'], first);
  expect(planScan(['k', 'm'], first)).toBe(plan);
  expect(planScan(['m', 'k'], first).key[0]?.index).toBe(1);
  expect(planScan(['k', 'm', 'n'], first).consumed).toHaveLength(2);
});

const kept = copyOf('k,m\n', 'a.csv');

test('a copy of another length is not fetched to be held against it', async () => {
  const told = { opened: 0 };
  const reviewed = await scanReviewed('k,m\nA,x\n');
  const other = keepSmall(copyOf('k,m\nA,x\nB,x\n', 'b.csv', told));
  expect(await twinOf(reviewed, other, requestOf('runtime'))).toBeNull();
  expect(told.opened).toBe(0);
});

test('the claim of each copy is held against the bytes by itself', async () => {
  const text = 'k,m\nA,x\n';
  const claim = { commit: null, blob: null, sha256: 'no such', committedAt: null };
  const claiming = (name: string): PinnedCopy => ({
    ...copyOf(text, name),
    claim: claim as unknown as PublishedClaim,
  });
  const plain = await scanReviewed(text);
  const first = await scanNamed(keepSmall(claiming('a.csv')), requestOf('reviewed'));
  const codes = (scanned: ScannedCopy | null): unknown =>
    scanned?.warnings.map(({ code, side }) => [code, side]);
  expect(codes(await twinOf(plain, keepSmall(claiming('b.csv')), requestOf('runtime')))).toEqual([
    ['CLAIM_DIFFERS', 'runtime'],
  ]);
  const unclaimed = keepSmall(copyOf(text, 'b.csv'));
  expect(codes(await twinOf(first, unclaimed, requestOf('runtime')))).toEqual([]);
});

test('copies are read just so only where all that is said of them is the same', () => {
  const name = fc.constantFrom('a', 'b', 'c');
  const value = fc.constantFrom(undefined, null, 1, 'x');
  const own = { noNullPrototype: true };
  const words = fc.dictionary(name, fc.oneof(value, fc.dictionary(name, value, own)), own);
  const reading = (csv: object) =>
    // Of a request only its words are asked.
    ({ copy: { location: 'file:a.csv' }, request: { formats, csv } }) as never;
  const told = (said: object): unknown => JSON.parse(JSON.stringify(said));
  const swapped = [
    { a: undefined, b: 1 },
    { b: 1, c: 'x' },
  ] as const;
  expect(readJustSo(reading(swapped[0]), reading(swapped[1]))).toBe(false);
  fc.assert(
    fc.property(words, words, (one, other) => {
      // What is undefined is not said.
      const isSame = isDeepStrictEqual(told(one), told(other));
      if (readJustSo(reading(one), reading(other))) expect(isSame).toBe(true);
      expect(readJustSo(reading(one), reading(one))).toBe(true);
    }),
    { numRuns: scaled(2000) },
  );
});
