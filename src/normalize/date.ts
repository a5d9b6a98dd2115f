import type { StepParameter } from '../model/index.ts';
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
};

/** A time that changes nothing of a date: without a zone, or of UTC. */
const midnight = /[T ]00:?00(?::?00(?:[.,]0{1,30})?)?(?:Z|z|[+-]00(?::?00)?)?$/;

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
