import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileSteps, stepShapes } from '../../src/normalize/index.ts';
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

describe('each step', () => {
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
    ['1,5', 2, 'unreadable: a decimal number'],
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
