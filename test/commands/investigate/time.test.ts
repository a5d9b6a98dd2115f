import { expect, test } from 'vitest';
import { parseTime } from '../../../src/commands/investigate/time.ts';

const now = new Date('2026-03-31T12:30:00.000Z');

test.each([
  ['now', '2026-03-31T12:30:00.000Z'],
  ['yesterday', '2026-03-30T12:30:00.000Z'],
  ['1 second ago', '2026-03-31T12:29:59.000Z'],
  ['90 minutes ago', '2026-03-31T11:00:00.000Z'],
  [' 2 Weeks ago ', '2026-03-17T12:30:00.000Z'],
  ['1 month ago', '2026-02-28T12:30:00.000Z'],
  ['2 years ago', '2024-03-31T12:30:00.000Z'],
  ['2026-11-01', '2026-11-01T00:00:00.000Z'],
  ['2026-11-01T03:00Z', '2026-11-01T03:00:00.000Z'],
  ['2026-11-01 03:00', '2026-11-01T03:00:00.000Z'],
  ['2026-11-01T03:00:05.25+02:00', '2026-11-01T01:00:05.250Z'],
])('%s', (text, expected) => {
  expect(parseTime(text, now)?.toISOString()).toBe(expected);
});

test.each([
  '',
  '2026',
  '2026-02-30',
  '2026-11-01T25:00Z',
  '2026-13-01',
  'a week ago',
  'abc123',
  '-1 days ago',
  '1e3',
])('%s is no time', (text) => {
  expect(parseTime(text, now)).toBeNull();
});
