import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { formats } from '../../src/formats/index.ts';
import { defaults } from '../../src/judge/registries.ts';
import type { Format, Report } from '../../src/model/index.ts';
import { diffFiles } from './diff-files.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'keydrift-engines-'));
});
afterEach(() => rm(directory, { recursive: true }));

/** CSV whose bytes the kernel cannot have where a column is called so. */
const csv: Format = {
  ...formats['csv']!,
  async open(source, options) {
    const table = await formats['csv']!.open(source, options);
    if (!table.columns.includes(odd)) return table;
    const body = (): Promise<never> => Promise.reject(new RangeError('no memory'));
    return { ...table, delimited: { ...table.delimited!, body } };
  },
};

/** Compares two bodies by `k`, on `v`; the third column may be odd. */
async function compare(
  reviewed: string,
  runtime: string,
  notes: readonly [string, string] = [plain, plain],
): Promise<Report> {
  const [one, other] = [join(directory, 'reviewed.csv'), join(directory, 'runtime.csv')];
  await writeFile(one, `k,v,${notes[0]}\n${reviewed}`, 'latin1');
  await writeFile(other, `k,v,${notes[1]}\n${runtime}`, 'latin1');
  return diffFiles(directory, [one, other], {}, { ...defaults, formats: { ...formats, csv } });
}

// Where the kernel gives one copy up, the reference reads both.
const odd = 'odd';
const plain = 'plain';

test.for([
  ['kernel', plain, plain],
  ['the reference for the reviewed copy', odd, plain],
  ['the reference for the runtime copy', plain, odd],
  ['the reference for both', odd, odd],
])('one report, whichever engine reads: %s', async ([, one, other]) => {
  const report = await compare(
    'a,1,x\nb,2,y\nc,3,n\n',
    'b,2,other\na,9,x\nc,3,n\nc,3,again\nd,,\n',
    [one!, other!],
  );
  const [artifact] = report.artifacts;
  expect(artifact?.error).toBeNull();
  expect(artifact?.findings.map(({ kind, side, key, rows }) => [kind, side, key, rows])).toEqual([
    ['added', 'runtime', [['k', 'd']], [row('runtime', 5, 'd', '')]],
    [
      'duplicated',
      'runtime',
      [['k', 'c']],
      [row('reviewed', 3, 'c', '3'), row('runtime', 3, 'c', '3'), row('runtime', 4, 'c', '3')],
    ],
    [
      'conflict',
      'across',
      [['k', 'a']],
      [row('reviewed', 1, 'a', '1'), row('runtime', 2, 'a', '9')],
    ],
  ]);
});

function row(side: string, record: number, k: string, v: string): unknown {
  return {
    side,
    record,
    line: record + 1,
    values: [
      ['k', k],
      ['v', v],
    ],
  };
}

test('what is no strict CSV is told by the reference, with its place', async () => {
  const report = await compare('a,1,x\n', 'a,1,x\nb,2,"y"z\n');
  const [artifact] = report.artifacts;
  expect(artifact?.state).toBe('unreadable');
  expect(artifact?.error).toMatchObject({ code: 'CSV_TEXT_AFTER_QUOTE', place: { line: 3 } });
  expect(artifact?.reviewed?.units).toBe(1);
});
