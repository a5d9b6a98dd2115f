import type { CompileSql, NormalizationStep, StepShape } from '../model/index.ts';
import { boolean } from './boolean.ts';
import { date } from './date.ts';
import { decimal } from './decimal.ts';
import { empty } from './empty.ts';
import { integer } from './integer.ts';
import { lowercase, uppercase } from './letter-case.ts';
import { nfc } from './nfc.ts';
import { number } from './number.ts';
import { collapseSpaces, trim } from './spaces.ts';
import type { Normalizer, Step } from './step.ts';
import { stripZeros } from './strip-zeros.ts';
import { timestamp } from './timestamp.ts';

const table: readonly Step[] = [
  trim,
  collapseSpaces,
  lowercase,
  uppercase,
  nfc,
  integer,
  decimal,
  number,
  stripZeros,
  boolean,
  date,
  timestamp,
  empty,
];

/** The closed table of normalization steps (SPEC §3), as a contract may write them. */
export const stepShapes: readonly StepShape[] = table;

/**
 * The steps of one column as one function, in their order. Empty values pass every step unchanged;
 * the first step that cannot read its value ends it. Null where there are no steps.
 */
export function compileSteps(steps: readonly NormalizationStep[]): Normalizer | null {
  if (steps.length === 0) return null;
  const normalizers = steps.map(({ step, parameter }) => findStep(step).normalizer(parameter));
  return (value) => {
    let normal = value;
    for (const normalizer of normalizers) {
      if (normal === '') return normal;
      const next = normalizer(normal);
      if (typeof next !== 'string') return next;
      normal = next;
    }
    return normal;
  };
}

/**
 * The same steps as SQL. `value` is null where a step cannot read it; each `when` is true where the
 * engine's value is not exactly what the step gives here.
 */
export const compileSql: CompileSql = (steps, value, build, form) => {
  const inexact: { step: string; when: string }[] = [];
  let named = value;
  let written = form;
  for (const { step, parameter } of steps) {
    if (written !== undefined && findStep(step).keeps?.(written, parameter) === true) continue;
    written = undefined;
    const before = named;
    const isOpen = `(${before} IS NOT NULL AND ${before} <> '')`;
    const sql = findStep(step).sql?.(before, build, parameter);
    if (sql === undefined) inexact.push({ step, when: isOpen });
    else {
      if (sql.exact !== undefined) {
        inexact.push({ step, when: `${isOpen} AND NOT (${sql.exact})` });
      }
      named = build.let(`CASE WHEN ${isOpen} THEN ${sql.value} ELSE ${before} END`);
    }
  }
  return { value: named, inexact };
};

function findStep(name: string): Step {
  const step = table.find((candidate) => candidate.name === name);
  if (step === undefined) throw new Error(`no normalization step is called ${name}`);
  return step;
}
