import type { SqlBuilder, SqlStep, StepParameter, StepShape, TextForm } from '../model/index.ts';

/** A value that a step cannot read: what it expected, for the reason of an `invalid` finding. */
export interface Unreadable {
  /** `an integer`. */
  readonly expected: string;
}

/** A value that is no numeral; who writes decimal commas is told that steps do not read them. */
export function unreadNumeral(value: string, expected: string): Unreadable {
  return { expected: value.includes(',') ? `${expected} (a comma is not read)` : expected };
}

/** Turns one non-empty value into its normal form. Pure, and independent of locale and platform. */
export type Normalizer = (value: string) => string | Unreadable;

/** A step of the closed table: its shape in a contract, and what it does. */
export interface Step extends StepShape {
  /** `parameter` has passed `accepts`; null for steps without one. */
  normalizer(parameter: StepParameter | null): Normalizer;
  /** The same on a value that is not empty, as SQL; left out: engines cannot. */
  sql?(value: string, build: SqlBuilder, parameter: StepParameter | null): SqlStep;
  /** Whether it changes no value that is written so; left out: it may. */
  keeps?(form: TextForm, parameter: StepParameter | null): boolean;
}

/** A step that is written as its bare name. */
export function plainStep(
  name: string,
  normalizer: Normalizer,
  sql: NonNullable<Step['sql']>,
  keeps: NonNullable<Step['keeps']> = () => false,
): Step {
  return { name, parameter: null, normalizer: () => normalizer, sql, keeps };
}

/** Of steps on white space and letters: dates and numbers have neither. */
export const keepsForms = (): boolean => true;

/** Characters of ASCII but NUL. */
export const asciiPattern: string = String.raw`^[\x{1}-\x{7F}]*\z`;
