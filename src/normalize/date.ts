import { plainStep, type Step } from './step.ts';

/** An ISO 8601 calendar date that exists, `2026-11-22` or `20261122`, becomes `2026-11-22`. */
export const date: Step = plainStep('date', (value) => {
  const match = /^([0-9]{4})(-?)([0-9]{2})\2([0-9]{2})$/.exec(value);
  const [year, month, day] = [match?.[1] ?? '', match?.[3] ?? '', match?.[4] ?? ''];
  if (match === null || !exists(Number(year), Number(month), Number(day))) {
    return { expected: 'an ISO date (YYYY-MM-DD)' };
  }
  return `${year}-${month}-${day}`;
});

function exists(year: number, month: number, day: number): boolean {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];
  return days !== undefined && day >= 1 && day <= days;
}
