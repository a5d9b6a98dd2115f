import type { SqlBuilder, SqlStep } from '../model/index.ts';
import { existingDate, isoDaySql } from './date.ts';
import { plainStep, type Normalizer, type Step } from './step.ts';

const pattern =
  /^([0-9]{4}-?[0-9]{2}-?[0-9]{2})(?:[T ]([0-9]{2}):?([0-9]{2})(?::?([0-9]{2})(?:[.,]([0-9]{1,30}))?)?(Z|z|[+-][0-9]{2}(?::?[0-9]{2})?)?)?$/;

/**
 * An ISO 8601 time, `2026-01-31T10:00:00.50+02:00`, becomes the same moment in UTC,
 * `2026-01-31T08:00:00.5Z`: the fraction digits that it has, without zeros at their end. A date alone
 * is its midnight; without a zone it is taken as UTC. Years 0 to 9999.
 */
export const timestamp: Step = plainStep('timestamp', toUtc, utcSql);

function toUtc(value: string): ReturnType<Normalizer> {
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
}

/** The same by the engine, but for days of the first and last years that a zone moves. */
function utcSql(value: string, build: SqlBuilder): SqlStep {
  const { words, let: name } = build;
  const source = pattern.source.replace(/\$$/, String.raw`\z`);
  const part = (group: number): string => name(words.group(value, source, group));
  const [day, hour, minute, second, fraction, zone] = [
    part(1),
    part(2),
    part(3),
    part(4),
    part(5),
    part(6),
  ];
  const date = name(`COALESCE(${isoDaySql(day, build).join(', ')})`);
  const number = (text: string): string =>
    name(`CASE WHEN ${text} = '' THEN 0 ELSE ${words.toInteger(text)} END`);
  const [hours, minutes] = [number(hour), number(minute)];
  const ahead = number(name(`SUBSTR(${zone}, 2, 2)`));
  const aheadMinutes = number(name(words.trim(`SUBSTR(${zone}, 4)`, ':', 'LEADING')));
  const offset = `(${ahead} * 60 + ${aheadMinutes})`;
  const total = name(
    `${hours} * 60 + ${minutes} - CASE WHEN ${words.matches(zone, '^-')} THEN 0 - ${offset} ELSE ${offset} END`,
  );
  const days = name(`CASE WHEN ${total} < 0 THEN -1 WHEN ${total} >= 1440 THEN 1 ELSE 0 END`);
  const rest = name(`${total} - 1440 * ${days}`);
  const moved = `CASE WHEN ${days} = 0 THEN ${date} ELSE ${words.addDays(date, days)} END`;
  const two = (count: string): string => words.pad(words.toText(count), 2, 'LEFT');
  const digits = name(words.trim(fraction, '0', 'TRAILING'));
  const text = words.concat(
    moved,
    "'T'",
    two(words.divide(rest, 60)),
    "':'",
    two(`(${rest} % 60)`),
    "':'",
    `CASE WHEN ${second} = '' THEN '00' ELSE ${second} END`,
    `CASE WHEN ${digits} = '' THEN 'Z' ELSE ${words.concat("'.'", digits, "'Z'")} END`,
  );
  const clockFits = `${hours} < 24 AND ${minutes} < 60 AND ${second} < '60'`;
  const zoneFits = `${ahead} < 24 AND ${aheadMinutes} < 60`;
  return {
    value: `CASE WHEN ${date} IS NOT NULL AND ${clockFits} AND ${zoneFits} THEN ${text} END`,
    exact: `${days} = 0 OR COALESCE(${date}, '1970') BETWEEN '0002' AND '9998'`,
  };
}

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
