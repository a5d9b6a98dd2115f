import { expect, test } from 'vitest';
import { looseValue } from '../../src/compare/index.ts';
import { compileLoose, loosePlan } from '../../src/engine/index.ts';
import { kernelEngine } from '../../src/engine/kernel/engine.ts';
import type { KeySet } from '../../src/engine/port.ts';
import { reference } from '../../src/engine/reference/reference.ts';
import { dialectOf } from '../../src/formats/csv/dialect.ts';
import { openCsvTable } from '../../src/formats/csv/table.ts';
import { defaultLimits, type PlannedColumn, type ScanPlan } from '../../src/model/index.ts';
import { compileSteps } from '../../src/normalize/index.ts';
import { createChance, type Chance } from '../readers/tables.ts';
import { scaled } from '../runs.ts';

const column: PlannedColumn = { name: 'k', index: 0, role: 'key', optional: false, steps: [] };
const plan: ScanPlan = { width: 2, key: [column], consumed: [] };

const parts = [
  '0',
  '00',
  '1',
  '12',
  '.',
  '+',
  '-',
  'e',
  'E',
  'a',
  'B',
  ' ',
  '\t',
  '42',
  '7',
  '\u00e9',
  'e\u0301',
  '\u200b',
  '\uff11',
  '100',
  '000',
  '99999',
];

function someKey(chance: Chance): string {
  const key = Array.from({ length: 1 + chance.below(6) }, () => chance.of(parts)).join('');
  return chance.once(3)
    ? chance.of(['1e5', '100000', '1E05', '+1e+5', 'P-1', 'p-1', '.5', '5.', '-0', '0'])
    : key;
}

async function read(
  keys: readonly string[],
  by: 'kernel' | 'reference',
  how: 'exact' | 'loose',
  against: KeySet | null = null,
): Promise<KeySet> {
  const bytes = Buffer.from(`k,v\n${keys.map((key) => `"${key}",1\n`).join('')}`);
  async function* open(range = { start: 0, end: bytes.length }): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(bytes.subarray(range.start, range.end));
  }
  const table = await openCsvTable({ open }, dialectOf({}));
  const engine = by === 'kernel' ? kernelEngine : reference;
  const found = await engine.start(table, how === 'exact' ? plan : loosePlan(plan), {
    compile: how === 'exact' ? compileSteps : compileLoose(compileSteps, looseValue),
    against,
    keep: null,
    limits: defaultLimits,
  })!();
  if (!('plan' in found)) throw new Error(found.gaveUp);
  return found;
}

test('the kernel reads keys loosely as the host does, and says where none can be respelled', async () => {
  let [respelled, certain, crossed, apart] = [0, 0, 0, 0];
  for (let seed = 0; seed < scaled(400); seed += 1) {
    const chance = createChance(seed);
    const isPlain = chance.once(5);
    const pool = Array.from({ length: 1 + chance.below(6) }, () =>
      isPlain ? `P-${chance.below(9)}` : someKey(chance),
    );
    const keys = Array.from({ length: 1 + chance.below(40) }, () =>
      isPlain || chance.once(2) ? chance.of(pool) : someKey(chance),
    );
    const [kernel, host] = [
      await read(keys, 'kernel', 'loose'),
      await read(keys, 'reference', 'loose'),
    ];
    const facts = async (keyset: KeySet): Promise<unknown> => {
      const { rows, units, invalid } = keyset.table;
      return [rows, units, invalid, await keyset.repeats()];
    };
    expect([seed, await facts(kernel)]).toStrictEqual([seed, await facts(host)]);
    const exact = await read(keys, 'kernel', 'exact');
    if (exact.table.units !== host.table.units) {
      respelled += 1;
      expect([seed, exact.mayBeRespelled]).toStrictEqual([seed, true]);
    } else if (!exact.mayBeRespelled) certain += 1;
    const [some, others] = [keys.slice(0, 3), keys.slice(3)];
    const first = await read(some, 'kernel', 'exact');
    const beside = await read(others, 'kernel', 'exact', first);
    const isCrossed = some.some((one) =>
      others.some((other) => one !== other && looseValue(one) === looseValue(other)),
    );
    const may = [first.mayBeRespelledBeside(beside), beside.mayBeRespelledBeside(first)];
    expect([seed, may[0]]).toStrictEqual([seed, isCrossed || may[1]]);
    crossed += Number(isCrossed);
    apart += Number(may[0] === false);
    for (const keyset of [kernel, exact, first]) keyset.release();
  }
  expect(respelled).toBeGreaterThan(scaled(50));
  expect(certain).toBeGreaterThan(scaled(5));
  expect(crossed).toBeGreaterThan(scaled(20));
  expect(apart).toBeGreaterThan(scaled(5));
});

test('keys of one form are known to be no other ones, whatever their letters', async () => {
  for (const keys of [
    ['P-001', 'P-002', 'Q-10'],
    ['eu-west-1', 'us-east-2'],
    ['3f12e4ab-77', '9a21e00c-12'],
    ['2026-01-31', '2026-02-01'],
    ['AbC1', 'XyZ2'],
    ['007', '123', '-010'],
    ['00000000000000000071', '00000000000000000007', '12345678901234567890123'],
    ['NULL', 'NA'],
  ]) {
    const keyset = await read(keys, 'kernel', 'exact');
    const { mayBeRespelled } = keyset;
    keyset.release();
    expect([keys, mayBeRespelled]).toStrictEqual([keys, false]);
  }
  for (const keys of [
    ['AbC1', 'abc1'],
    ['12E3', '12000'],
    ['10e-1', '1'],
    ['7', '007'],
    ['-7', '-007'],
    ['-0', '0'],
    ['-00', '10'],
    ['00000000000000000071', '71', '1'],
    ['a b', 'ab'],
  ]) {
    const keyset = await read(keys, 'kernel', 'exact');
    const { mayBeRespelled } = keyset;
    keyset.release();
    expect([keys, mayBeRespelled]).toStrictEqual([keys, true]);
    const [one = '', ...others] = keys;
    const first = await read([one], 'kernel', 'exact');
    const beside = await read(others, 'kernel', 'exact', first);
    expect([keys, first.mayBeRespelledBeside(beside)]).toStrictEqual([keys, true]);
    first.release();
  }
});
