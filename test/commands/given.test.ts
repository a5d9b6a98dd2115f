import { expect, test } from 'vitest';
import { parseScope } from '../../src/commands/cells.ts';
import { givenOptions } from '../../src/commands/given.ts';

test('what was typed is repeated as it was typed, and what has its default is not', () => {
  const raw = {
    ref: 'stored',
    profile: 'true',
    as: 'stored',
    contractOnly: true,
    redact: ['note', 'a,b', 'say "so"'],
    scope: parseScope('region=EU,"a,b"'),
    vars: undefined,
    failOn: new Set(['added', 'removed']),
    signRequest: false,
  };
  expect(givenOptions(raw)).toEqual([
    ['ref', 'stored'],
    ['fail-on', 'added,removed'],
    ['redact', 'note'],
    ['redact', '"a,b"'],
    ['redact', '"say ""so"""'],
    ['profile', 'true'],
    ['contract-only', null],
    ['scope', 'region=EU,"a,b"'],
    ['no-sign-request', null],
  ]);
  expect(givenOptions({ as: 'canonical', signRequest: true })).toEqual([['as', 'canonical']]);
});
