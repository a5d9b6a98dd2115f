import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runInProcess } from '../integration/in-process.ts';

const directory = mkdtempSync(join(tmpdir(), 'keydrift-order-'));
afterAll(() => rmSync(directory, { recursive: true }));

interface Told {
  readonly code: number;
  readonly state: string;
  readonly counts: { readonly order: number };
  readonly truncated: unknown;
  readonly findings: readonly {
    readonly kind: string;
    readonly side: string;
    readonly severity: string;
    readonly key: unknown;
    readonly rowCount: unknown;
    readonly rows: readonly { readonly side: string; readonly line: number }[];
  }[];
}

async function audited(runtime: string, words = 'ordered: true'): Promise<Told> {
  writeFileSync(join(directory, 'one.csv'), 'id,mode\na,1\nb,1\nc,1\nd,1\n');
  writeFileSync(join(directory, 'two.csv'), `id,mode\n${runtime}`);
  const contract = `version: 1
artifacts:
  p: {key: [id], reviewed: 'file:one.csv', runtime: two.csv, ${words}}
`;
  writeFileSync(join(directory, 'keydrift.yaml'), contract);
  const { code, stdout } = await runInProcess({
    words: ['audit', '--format', 'json'],
    cwd: directory,
    environment: {},
  });
  const { artifacts } = JSON.parse(stdout) as { artifacts: [Omit<Told, 'code'>] };
  return { code, ...artifacts[0] };
}

test('a unit that moved is a finding between the copies, with its first row on each side', async () => {
  const told = await audited('b,1\nc,1\na,1\na,1\nd,1\n');
  expect(told).toMatchObject({ code: 1, state: 'drifted', counts: { order: 1 } });
  const moved = told.findings.find(({ kind }) => kind === 'order');
  expect(moved).toMatchObject({
    side: 'across',
    severity: 'fail',
    key: { id: 'a' },
    rowCount: { reviewed: 1, runtime: 2 },
    rows: [
      { side: 'reviewed', line: 2 },
      { side: 'runtime', line: 4 },
    ],
  });
});

test('only common units have an order, and without `ordered` none counts', async () => {
  const other = await audited('x,1\na,1\nb,1\nd,1\n');
  expect(other).toMatchObject({ counts: { order: 0, added: 1, removed: 1 } });
  const any = await audited('d,1\nc,1\nb,1\na,1\n', 'ordered: false');
  expect(any).toMatchObject({ code: 0, state: 'equivalent', counts: { order: 0 } });
});

test('by policy; listed as far as the bound goes, counted all; not accepted', async () => {
  const words = 'ordered: true, policy: {order: warn}, limits: {findings: 2}';
  const told = await audited('d,1\nc,1\nb,1\na,1\n', words);
  expect(told).toMatchObject({
    code: 0,
    state: 'drifted',
    counts: { order: 3 },
    truncated: { order: 1 },
  });
  expect(told.findings.map(({ key, severity }) => [key, severity])).toStrictEqual([
    [{ id: 'c' }, 'warn'],
    [{ id: 'd' }, 'warn'],
  ]);
});
