import { expect, test } from 'vitest';
import {
  countsOf,
  type PlannedCopy,
  type PlannedObject,
  type PlannedUnit,
  type Publication,
  type PublishedCopy,
} from '../../src/model/index.ts';
import type { PublicationOptions } from '../../src/report/index.ts';
import { changeOf, changeSentence } from '../../src/report/publication-change.ts';
import { publicationQuestion } from '../../src/report/publication-words.ts';
import { publicationReporters } from './outputs.ts';

const hostile = 'a\u001b[31m\u202e\r\nb';

const object: PlannedObject = {
  versionId: hostile,
  etag: hostile,
  lastModified: '2026-11-22T16:58:09.000Z',
  bytes: 1,
  sha256: 'a'.repeat(64),
  rows: 1,
  units: 1,
  digest: 'b'.repeat(64),
  claim: {
    commit: hostile,
    path: hostile,
    blob: hostile,
    sha256: hostile,
    digest: hostile,
    contract: hostile,
    fits: false,
  },
  overwritten: 'lost',
};

const planned: PlannedCopy = {
  name: 'participants',
  copy: 'eu',
  owner: hostile,
  runbook: hostile,
  action: 'refuse',
  reasons: ['bytes'],
  target: { location: `s3://b/${hostile}`, endpoint: hostile, expectedOwner: null },
  reviewed: {
    location: `git:HEAD:${hostile}`,
    commit: 'c'.repeat(40),
    committedAt: '2026-11-20T14:02:11.000Z',
    path: hostile,
    blob: 'd'.repeat(40),
    bytes: 1,
    sha256: 'e'.repeat(64),
    rows: 1,
    units: 1,
    redundant: 0,
    invalid: 0,
    digest: 'f'.repeat(64),
  },
  runtime: object,
  state: 'drifted',
  order: null,
  change: {
    added: 1,
    removed: 0,
    changed: 1,
    units: [
      {
        change: 'changed',
        key: { [hostile]: hostile },
        fields: [hostile],
        rowCount: { before: 1, after: 1 },
        before: { record: 1, line: 2, values: { [hostile]: hostile } },
        after: { record: 1, line: 2, values: { [hostile]: `${hostile}c` } },
      },
    ],
    truncated: 1,
  },
  counts: { ...countsOf(() => 0), added: 1 },
  write: {
    condition: { ifMatch: hostile },
    contentType: hostile,
    cacheControl: hostile,
    contentDisposition: hostile,
    contentEncoding: hostile,
    contentLanguage: hostile,
    expires: hostile,
    websiteRedirect: hostile,
    storageClass: hostile,
    sse: hostile,
    kmsKeyId: hostile,
    bucketKey: true,
    acl: hostile,
    tags: [{ name: hostile, value: hostile }],
    claim: {
      commit: '',
      committedAt: '',
      path: '',
      blob: '',
      sha256: '',
      digest: '',
      contract: '',
    },
  },
  refusals: [{ code: 'UNREVIEWED_CONTENT', message: hostile, hint: hostile }],
  warnings: [{ code: 'X', message: hostile, side: null, line: null }],
  error: { code: 'STORE_FAILED', message: hostile, hint: hostile, place: {}, problems: [] },
};

const document: Publication = {
  schema: 'keydrift.publication/1',
  tool: { name: 'keydrift', version: '1' },
  startedAt: '2026-11-22T17:00:00.000Z',
  durationMs: 1,
  exitCode: 2,
  error: null,
  publications: [
    {
      ...planned,
      outcome: 'failed',
      wrote: 'unknown',
      written: null,
      now: { ...object, state: 'drifted' },
    },
  ],
};

test('nothing raw of a store or a file reaches the terminal', () => {
  const told = [
    ...publicationReporters.text(document, {
      width: 60,
      color: false,
      limit: 20,
      next: null,
      shown: 'result',
    }),
  ].join('');
  expect(told).toContain('was there');
  expect(told.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
  expect(told.split('\n').every((line) => !line.startsWith('b'))).toBe(true);
});

test('a write that failed says whether it was done, not done, or nobody knows', () => {
  const how = { width: 80, color: false, limit: 20, next: null, shown: 'result' } as const;
  const told = (wrote: PublishedCopy['wrote']): string => {
    const publications = document.publications.map((one) => ({ ...one, wrote }));
    return [...publicationReporters.text({ ...document, publications }, how)].join('');
  };
  const away = told('no');
  expect(away).toMatch(/was there[^]*nothing was written[^]*there now/);
  expect(away).not.toContain('written as');
  for (const [wrote, words] of [
    ['unknown', 'whether it was written is not known'],
    ['yes', 'it was, as the store answered'],
  ] as const) {
    expect(told(wrote)).toContain('written as');
    expect(told(wrote)).toContain(words);
    expect(told(wrote)).not.toContain('nothing was written');
  }
});

test('markdown fits a comment, what is refused comes first, and it says what it leaves out', () => {
  const copy = (name: string, refusals: PlannedCopy['refusals']): PlannedCopy => ({
    ...planned,
    name,
    copy: null,
    refusals,
    error: null,
    action: refusals.length > 0 ? 'refuse' : 'replace',
    write: null,
  });
  const many = Array.from({ length: 400 }, (_, at) => copy(`lookup-${at}`, []));
  const refusal = { code: 'GOES_BACK', message: 'm', hint: 'h' } as const;
  const plan = {
    ...document,
    publications: [...many, copy('refused-one', [refusal])].map((one) => ({
      ...one,
      outcome: 'not-attempted' as const,
      wrote: 'no' as const,
      written: null,
      now: null,
    })),
  };
  const how = {
    width: 80,
    color: false,
    limit: 20,
    next: 'keydrift audit',
    shown: 'result',
  } as const;
  const told = [...publicationReporters.markdown(plan, how)].join('');
  expect(told.length).toBeLessThanOrEqual(60_000);
  expect(told).toMatch(/The details of \d+ more are left out here/);
  expect(told.indexOf('### `refused-one`')).toBeGreaterThan(0);
  expect(told.indexOf('### `refused-one`')).toBeLessThan(told.indexOf('### `lookup-'));
  expect(told).toContain('keydrift audit');
  // Nothing of a file or a store is markup.
  expect(told).not.toMatch(/\p{Cc}(?<!\n)|\u202e/u);
});

test('what is asked names each copy that is written, from which commit and where to; safe on a terminal', () => {
  const copy = (name: string, action: PlannedCopy['action']): PlannedCopy => ({ ...planned, name, action }); // prettier-ignore
  const place = String.raw`s3://b/a\x1b[31m\u202e\r\nb at a\x1b[31m\u202e\r\nb`;
  const one = { publications: [copy('a', 'none'), copy('b', 'replace')] };
  expect(publicationQuestion(one, 'v2')).toEqual([`Publish b@eu of commit cccccccccccc (v2) over ${place}?`]); // prettier-ignore
  expect(publicationQuestion({ publications: [copy('b', 'create')] }, 'c'.repeat(40))).toEqual([`Publish b@eu of commit cccccccccccc as the new object ${place}?`]); // prettier-ignore
  const many = { publications: Array.from({ length: 7 }, (_, at) => copy(`n${at}`, 'replace')) };
  const asked = publicationQuestion(many, 'HEAD');
  expect(asked.at(0)).toBe(`- n0@eu of commit cccccccccccc (HEAD) over ${place}`);
  expect(asked.slice(5)).toEqual(['+2 more', 'Publish these 7 copies?']);
});

test('of several copies an overview comes first, and what is up to date is one line', () => {
  const copy = (name: string, action: PlannedCopy['action']): PlannedCopy => ({
    ...planned,
    name,
    copy: null,
    action,
    reasons: action === 'none' ? [] : ['bytes'],
    refusals: action === 'refuse' ? planned.refusals : [],
    warnings: [],
    error: null,
    owner: null,
    runbook: null,
  });
  const tell = (
    publications: readonly PlannedCopy[],
    over: Partial<PublicationOptions> = {},
  ): string =>
    [
      ...publicationReporters.text(
        { ...document, schema: 'keydrift.plan/1', publications } as never,
        {
          width: 80,
          color: false,
          limit: 20,
          many: 'one-screen',
          next: null,
          shown: 'result',
          ...over,
        },
      ),
    ].join('');
  const many = [
    ...Array.from({ length: 40 }, (_, at) => copy(`same-${at}`, 'none')),
    ...Array.from({ length: 35 }, (_, at) => copy(`other-${at}`, 'replace')),
    { ...copy('barred', 'refuse'), write: null, runtime: null, change: null },
  ];
  const told = tell(many);
  const [first, second] = told.split('\n');
  expect(first).toBe('REFUSED  barred    UNREVIEWED_CONTENT');
  expect(second).toBe('REPLACE  other-0   the bytes differ; 1 unit added, 1 changed');
  expect(told.split('\n').length - 1).toBeLessThanOrEqual(40);
  expect(told).toContain('\n+16 more\n40 up to date\n\nbarred: REFUSED\n');
  expect(told).not.toContain('same-');
  expect(told).toContain('35 more have details, left out to keep this to one screen.\n');
  expect(told).toContain('With --limit 20 the same command tells them');
  const whole = tell(many, { many: 'details' });
  expect(whole.match(/^other-\d+: REPLACE/gm)).toHaveLength(35);
  expect(whole).not.toContain('left out');
  expect(tell([copy('alone', 'none')])).toMatch(/^alone: up to date\n/);
  // What was done is told as what was, not as what is.
  const left = { written: null, now: null };
  const done = { ...copy('done', 'replace'), ...left, outcome: 'published', wrote: 'yes' };
  expect(tell([done as never])).toMatch(/^done: published \(the bytes differed\)\n/);
  // What was not written, of many that were, is what is read.
  const late = { ...copy('late', 'replace'), ...left, outcome: 'declined', wrote: 'no' };
  expect(tell([done, late] as never)).toMatch(/^not written: declined +late/);
});

test('what runs another number of times, and what replaces the unreadable, is said as that', () => {
  const unit = (before: number, after: number, fields: readonly string[] = []): PlannedUnit => ({
    ...planned.change!.units[0]!,
    fields,
    rowCount: { before, after },
  });
  const of = (changed: number, ...units: readonly PlannedUnit[]): string =>
    changeSentence({ added: 0, removed: 0, changed, units, truncated: 0 });
  expect(of(1, unit(2, 1))).toBe('1 unit runs once instead of twice');
  expect(of(3, unit(3, 1), unit(3, 1), unit(1, 1, ['mode']))).toBe(
    '1 unit changed, 2 units run once instead of 3 times',
  );
  expect(of(2, unit(3, 1), unit(2, 1))).toBe('2 units run another number of times');
  expect(of(0)).toBe('no unit of work changes');
  const unreadable = { ...planned, change: null, state: 'unreadable', action: 'replace' } as const;
  expect(changeOf(unreadable)).toBe('1 unit in place of what cannot be read');
  expect(changeOf({ ...unreadable, state: 'missing' })).toBeNull();
});
