import type { SqlBuilder, StepParameter } from '../model/index.ts';
import type { Normalizer, Step } from './step.ts';

/**
 * `date`: an ISO 8601 calendar date that exists, `2026-11-22` or `20261122`, also with a midnight
 * time behind it, becomes `2026-11-22`. `{date: [DD/MM/YYYY, …]}`: so does one of these forms, the
 * first that fits.
 */
export const date: Step = {
  name: 'date',
  parameter: {
    optional: true,
    expected: 'a list of forms, each of YYYY, MM (or M) and DD (or D) with signs between them',
    accepts: (value): value is StepParameter =>
      Array.isArray(value) && value.length > 0 && value.every((form) => formOf(form) !== null),
    jsonSchema: { type: 'array', items: { type: 'string' }, minItems: 1 },
  },
  normalizer(parameter): Normalizer {
    const written = Array.isArray(parameter) ? (parameter as readonly string[]) : [];
    const forms = written.flatMap((form) => formOf(form) ?? []);
    const expected = [...written, 'an ISO date (YYYY-MM-DD)'].join(' or ');
    return (value) => {
      for (const form of forms) {
        const found = form.exec(value)?.groups;
        const { year = '', month = '', day = '' } = found ?? {};
        const existing = existingDate(`${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`);
        if (found !== undefined && existing !== null) return existing;
      }
      return existingDate(value.replace(midnight, '')) ?? { expected };
    };
  },
  // A form of the contract's own may read an ISO date otherwise: YYYY-DD-MM.
  keeps: (form, parameter) => form === 'date' && parameter === null,
  sql(value, build, parameter) {
    const { words, let: name } = build;
    const written = Array.isArray(parameter) ? (parameter as readonly string[]) : [];
    const found = written.flatMap((form) => {
      const { source } = formOf(form) ?? {};
      if (source === undefined) return [];
      const order = Array.from(source.matchAll(/\(\?<(\w+)>/g), ([, part]) => part);
      const pattern = source.replace(/\(\?<\w+>/g, '(').replace(/\$$/, String.raw`\z`);
      const part = (called: string): string =>
        words.group(value, pattern, order.indexOf(called) + 1);
      const two = (called: string): string => name(words.pad(part(called), 2, 'LEFT'));
      return [existingSql([name(part('year')), two('month'), two('day')], build)];
    });
    const day = words.replace(value, midnightSql, '');
    return { value: `COALESCE(${[...found, ...isoDaySql(name(day), build)].join(', ')})` };
  },
};

/** An ISO date as SQL, in each of its two forms; null: there is no such day. */
export function isoDaySql(day: string, build: SqlBuilder): readonly [string, string] {
  const form = (sign: '-' | ''): string => {
    const pattern = String.raw`^([0-9]{4})${sign}([0-9]{2})${sign}([0-9]{2})\z`;
    const part = (group: number): string => build.let(build.words.group(day, pattern, group));
    return existingSql([part(1), part(2), part(3)], build);
  };
  return [form('-'), form('')];
}

/** The day of these digits as `2026-11-22`; null where there is none, and where they are no digits. */
function existingSql(
  [year, month, day]: readonly [string, string, string],
  { words, let: name }: SqlBuilder,
): string {
  const number = name(words.toInteger(year));
  const leap = `(${number} % 4 = 0 AND ${number} % 100 <> 0) OR ${number} % 400 = 0`;
  const february = `CASE WHEN ${leap} THEN '29' ELSE '28' END`;
  const last = `CASE WHEN ${month} = '02' THEN ${february} WHEN ${month} IN ('04', '06', '09', '11') THEN '30' ELSE '31' END`;
  const isDay = `${year} <> '' AND ${month} BETWEEN '01' AND '12' AND ${day} BETWEEN '01' AND (${last})`;
  return `CASE WHEN ${isDay} THEN ${words.concat(year, "'-'", month, "'-'", day)} END`;
}

/** A time that changes nothing of a date: without a zone, or of UTC. */
const midnight = /[T ]00:?00(?::?00(?:[.,]0{1,30})?)?(?:Z|z|[+-]00(?::?00)?)?$/;
const midnightSql = midnight.source.replace(/\$$/, String.raw`\z`);

/** A form as the pattern of what is written so; null: it does not name each part once. */
function formOf(form: unknown): RegExp | null {
  if (typeof form !== 'string' || form.length > 40) return null;
  const parts: string[] = [];
  const pattern = form.replace(/YYYY|MM?|DD?|[^]/g, (token) => {
    const part = partOf(token);
    if (part === null) return /[A-Za-z0-9]/.test(token) ? '[]' : escapeSign(token);
    parts.push(part.name);
    return `(?<${part.name}${parts.filter((name) => name === part.name).length > 1 ? 'Again' : ''}>${part.digits})`;
  });
  const named = parts.sort().join();
  return named === 'day,month,year' && !pattern.includes('[]') ? new RegExp(`^${pattern}$`) : null;
}

function partOf(token: string): { readonly name: string; readonly digits: string } | null {
  const digits = token.length === 1 ? '[0-9]{1,2}' : '[0-9]{2}';
  if (token === 'YYYY') return { name: 'year', digits: '[0-9]{4}' };
  if (token === 'MM' || token === 'M') return { name: 'month', digits };
  return token === 'DD' || token === 'D' ? { name: 'day', digits } : null;
}

function escapeSign(sign: string): string {
  return sign.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}

/** `2026-11-22` or `20261122` as `2026-11-22`; null: there is no such day. */
export function existingDate(text: string): string | null {
  const match = /^([0-9]{4})(-?)([0-9]{2})\2([0-9]{2})$/.exec(text);
  const [year, month, day] = [match?.[1] ?? '', match?.[3] ?? '', match?.[4] ?? ''];
  if (match === null || !exists(Number(year), Number(month), Number(day))) return null;
  return `${year}-${month}-${day}`;
}

function exists(year: number, month: number, day: number): boolean {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];
  return days !== undefined && day >= 1 && day <= days;
}
