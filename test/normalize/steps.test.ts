import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dialects } from '../../src/engine/sql/dialects/index.ts';
import { createLayers } from '../../src/engine/sql/layers.ts';
import { compileSql, compileSteps, stepShapes } from '../../src/normalize/index.ts';
import type { NormalizationStep } from '../../src/model/index.ts';

function run(
  step: string,
  value: string,
  parameter: NormalizationStep['parameter'] = null,
): string {
  const normalize = compileSteps([{ step, parameter }]);
  const normal = normalize?.(value);
  return typeof normal === 'string' ? normal : `unreadable: ${normal?.expected}`;
}

const isoTime = 'an ISO time (YYYY-MM-DDTHH:MM:SS, with a zone or in UTC)';

describe('each step', () => {
  test.for([
    ['31/01/2026', ['DD/MM/YYYY'], '2026-01-31'],
    ['1.2.2026', ['DD/MM/YYYY', 'D.M.YYYY'], '2026-02-01'],
    ['2026-01-31', ['DD/MM/YYYY'], '2026-01-31'],
    ['2026-31-01', ['YYYY-DD-MM'], '2026-01-31'],
    ['01/02/2026', ['DD/MM/YYYY', 'MM/DD/YYYY'], '2026-02-01'],
    ['31/02/2026', ['DD/MM/YYYY'], 'unreadable: DD/MM/YYYY or an ISO date (YYYY-MM-DD)'],
  ] as const)('a date %j by the forms %j is %j', ([value, forms, normal]) => {
    expect(run('date', value, forms)).toBe(normal);
  });

  test('a form of a date names each part once, and nothing else but signs', () => {
    const shape = stepShapes.find(({ name }) => name === 'date');
    const accepts = (value: unknown) => shape?.parameter?.accepts(value);
    for (const form of ['DD/MM', 'DD/MM/YY', 'YYYY', 'DD/DD/YYYY', 'at DD.MM.YYYY', '', 7]) {
      expect([form, accepts([form])]).toEqual([form, false]);
    }
    expect(accepts(['(DD).[MM]\\YYYY'])).toBe(true);
    expect(run('date', '(31).[01]\\2026', ['(DD).[MM]\\YYYY'])).toBe('2026-01-31');
  });

  test.for([
    ['00042', '42'],
    ['000', '0'],
    ['A001', 'A001'],
    ['0', '0'],
    ['0x', 'x'],
  ])('strip-zeros of %j is %j', ([value, normal]) => {
    expect(run('strip-zeros', value!, 'left')).toBe(normal);
  });

  test.for([
    ['trim', ' \t a b\u00a0\u2003', 'a b'],
    ['collapse-spaces', ' a \t\n b ', ' a b '],
    ['lowercase', 'ÀB\u0130', 'àbi\u0307'],
    ['uppercase', 'straße ı', 'STRASSE I'],
    ['nfc', 'e\u0301', 'é'],
    ['integer', '+000042', '42'],
    ['integer', '-0', '0'],
    ['integer', '-007', '-7'],
    ['integer', '123456789012345678901234567890', '123456789012345678901234567890'],
    ['integer', '4.0', 'unreadable: an integer'],
    ['integer', ' 4', 'unreadable: an integer'],
    ['integer', '٣', 'unreadable: an integer'],
    ['boolean', 'Yes', 'true'],
    ['boolean', 'OFF', 'false'],
    ['boolean', 'maybe', 'unreadable: a boolean'],
    ['date', '20260228', '2026-02-28'],
    ['date', '2024-02-29', '2024-02-29'],
    ['date', '2026-02-29', 'unreadable: an ISO date (YYYY-MM-DD)'],
    ['date', '2026-0228', 'unreadable: an ISO date (YYYY-MM-DD)'],
    ['date', '2026-13-01', 'unreadable: an ISO date (YYYY-MM-DD)'],
    ['date', '2026-01-31T00:00:00.000Z', '2026-01-31'],
    ['date', '2026-01-31 00:00', '2026-01-31'],
    ['date', '2026-01-31T00:00:01', 'unreadable: an ISO date (YYYY-MM-DD)'],
    ['date', '2026-01-31T00:00:00+02:00', 'unreadable: an ISO date (YYYY-MM-DD)'],
    ['number', '+012.50', '12.5'],
    ['number', '-0.0', '0'],
    ['number', '12E3', '12000'],
    ['number', '1.20E+04', '12000'],
    ['number', '1.5e-3', '0.0015'],
    ['number', '.5', '0.5'],
    ['number', '5.', '5'],
    ['number', '123456789012345678901234567890.10', '123456789012345678901234567890.1'],
    ['number', '1e401', 'unreadable: a number'],
    ['number', 'e3', 'unreadable: a number'],
    ['number', '.', 'unreadable: a number'],
    ['number', 'NaN', 'unreadable: a number'],
    ['number', '0,5', 'unreadable: a number (a comma is not read)'],
    ['timestamp', '2026-01-31T10:00:00.50+02:00', '2026-01-31T08:00:00.5Z'],
    ['timestamp', '2026-01-31 10:00', '2026-01-31T10:00:00Z'],
    ['timestamp', '2026-01-31', '2026-01-31T00:00:00Z'],
    ['timestamp', '20260131T235959.123456789-0130', '2026-02-01T01:29:59.123456789Z'],
    ['timestamp', '2026-01-31T24:00:00Z', `unreadable: ${isoTime}`],
    ['timestamp', '2026-02-30T00:00:00Z', `unreadable: ${isoTime}`],
    ['timestamp', '0000-01-01T00:00:00+01:00', `unreadable: ${isoTime}`],
    ['timestamp', '2026-01-31T10:00:00+24:00', `unreadable: ${isoTime}`],
  ] as const)('%s of %j is %j', ([step, value, normal]) => {
    expect(run(step, value)).toBe(normal);
  });

  test.for([
    ['1.1', 2, '1.10'],
    ['1.10', 2, '1.10'],
    ['.5', 0, '1'],
    ['-.5', 0, '-1'],
    ['2.5', 0, '3'],
    ['-2.345', 2, '-2.35'],
    ['0.004', 2, '0.00'],
    ['-0.004', 2, '0.00'],
    ['999.995', 2, '1000.00'],
    ['00012.', 1, '12.0'],
    ['9'.repeat(40), 1, `${'9'.repeat(40)}.0`],
    ['1e3', 2, 'unreadable: a decimal number'],
    ['1,5', 2, 'unreadable: a decimal number (a comma is not read)'],
    ['.', 2, 'unreadable: a decimal number'],
  ] as const)('decimal of %j at %d places is %j', ([value, places, normal]) => {
    expect(run('decimal', value, places)).toBe(normal);
  });

  test('empty makes exactly its tokens the empty value', () => {
    expect(run('empty', 'NULL', ['NULL', '-'])).toBe('');
    expect(run('empty', 'null', ['NULL', '-'])).toBe('null');
  });
});

test('decimal agrees with exact integer arithmetic', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }),
      fc.integer({ min: 0, max: 12 }),
      fc.integer({ min: 0, max: 12 }),
      (scaled, written, places) => {
        const digits = (scaled < 0n ? -scaled : scaled).toString().padStart(written + 1, '0');
        const cut = digits.length - written;
        const sign = scaled < 0n ? '-' : '';
        const text = `${sign}${digits.slice(0, cut)}${written === 0 ? '' : `.${digits.slice(cut)}`}`;
        const normal = run('decimal', text, places);
        expect(BigInt(normal.replace('.', ''))).toBe(roundHalfAway(scaled, written, places));
        expect(run('decimal', normal, places)).toBe(normal);
      },
    ),
  );
});

/** scaled / 10^written, as a whole number of 10^-places, half away from zero. */
function roundHalfAway(scaled: bigint, written: number, places: number): bigint {
  if (places >= written) return scaled * 10n ** BigInt(places - written);
  const unit = 10n ** BigInt(written - places);
  const magnitude = ((scaled < 0n ? -scaled : scaled) + unit / 2n) / unit;
  return scaled < 0n ? -magnitude : magnitude;
}

test('every step leaves its own result as it is, and empty values alone', () => {
  for (const { name, parameter } of stepShapes) {
    const value = [null, 2, ['-']].find((candidate) =>
      parameter === null ? candidate === null : parameter.accepts(candidate),
    );
    const normalize = compileSteps([{ step: name, parameter: value ?? null }]);
    expect(normalize?.('')).toBe('');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const once = normalize?.(text);
        if (typeof once === 'string') expect(normalize?.(once)).toBe(once);
      }),
    );
  }
});

test('a step that SQL leaves out of what a type writes changes nothing of it', () => {
  const written = [
    ['integer', ['0', '7', '-1', '170141183460469231731687303715884105727']],
    ['date', ['2024-02-29', '0001-01-01', '9999-12-31', '2024-01-02']],
    [{ places: 2 }, ['0.00', '-0.05', '1.50', '-12345678901234567890.99']],
  ] as const;
  const parameters = [null, 0, 1, 2, ['-'], ['YYYY-DD-MM'], 'left'];
  const left: string[] = [];
  for (const { name, parameter: shape } of stepShapes) {
    for (const parameter of parameters as readonly NormalizationStep['parameter'][]) {
      const isBare = shape === null || shape.optional === true;
      if (parameter === null ? !isBare : shape?.accepts(parameter) !== true) continue;
      for (const [form, values] of written) {
        const steps = [{ step: name, parameter }];
        const { value } = compileSql(steps, 'v', createLayers(dialects['duckdb']!), form);
        if (value !== 'v') continue;
        left.push(name);
        for (const text of values)
          expect([name, compileSteps(steps)?.(text)]).toEqual([name, text]);
      }
    }
  }
  expect([...new Set(left)].sort()).toEqual([
    'collapse-spaces',
    'date',
    'decimal',
    'integer',
    'lowercase',
    'nfc',
    'number',
    'trim',
    'uppercase',
  ]);
});

test('the first unreadable step ends it, and an empty result passes the rest', () => {
  const normalize = compileSteps([
    { step: 'trim', parameter: null },
    { step: 'empty', parameter: ['-'] },
    { step: 'integer', parameter: null },
  ]);
  expect(normalize?.(' - ')).toBe('');
  expect(normalize?.(' x ')).toEqual({ expected: 'an integer' });
});

test('long hostile cells take linear time', () => {
  const zeros = '0'.repeat(2_000_000);
  expect(run('integer', `${zeros}x`)).toBe('unreadable: an integer');
  expect(run('decimal', `${'9'.repeat(2_000_000)}0.5`, 0)).toMatch(/91$/);
  expect(run('decimal', `${zeros}x`, 3)).toBe('unreadable: a decimal number');
});
