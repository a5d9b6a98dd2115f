import { plainStep, type Step } from './step.ts';
import { existingDate } from './date.ts';

const pattern =
  /^([0-9]{4}-?[0-9]{2}-?[0-9]{2})(?:[T ]([0-9]{2}):?([0-9]{2})(?::?([0-9]{2})(?:[.,]([0-9]{1,30}))?)?(Z|z|[+-][0-9]{2}(?::?[0-9]{2})?)?)?$/;

/**
 * An ISO 8601 time, `2026-01-31T10:00:00.50+02:00`, becomes the same moment in UTC,
 * `2026-01-31T08:00:00.5Z`: the fraction digits that it has, without zeros at their end. A date alone
 * is its midnight; without a zone it is taken as UTC. Years 0 to 9999.
 */
export const timestamp: Step = plainStep('timestamp', (value) => {
  const [whole, day = '', hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] =
    pattern.exec(value) ?? [];
  const date = existingDate(day);
  const clock = [hour, minute, second].map(Number);
  if (whole === undefined || date === null || !isClock(clock)) return unreadable;
  const offset = offsetMinutes(zone);
  if (offset === null) return unreadable;
  const local = Date.parse(`${date}T${hour}:${minute}:${second}Z`);
  const moment = new Date(local - offset * 60_000);
  const year = moment.getUTCFullYear();
  if (year < 0 || year > 9999) return unreadable;
  const text = moment.toISOString().slice(0, 19);
  const digits = fraction.replace(/0+$/, '');
  return digits === '' ? `${text}Z` : `${text}.${digits}Z`;
});

const unreadable = { expected: 'an ISO time (YYYY-MM-DDTHH:MM:SS, with a zone or in UTC)' };

function isClock([hour = 0, minute = 0, second = 0]: readonly number[]): boolean {
  return hour < 24 && minute < 60 && second < 60;
}

/** Minutes that a zone is ahead of UTC; null: there is no such zone. */
function offsetMinutes(zone: string): number | null {
  if (zone === 'Z' || zone === 'z') return 0;
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(3).replace(':', ''))];
  if (hours > 23 || minutes > 59) return null;
  return (zone.startsWith('-') ? -1 : 1) * (60 * hours + minutes);
}
