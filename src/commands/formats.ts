import { InvalidArgumentError } from 'commander';
import type { reporters } from '../report/index.ts';

/** Name of a reporter of reports. */
export type FormatName = keyof typeof reporters;

/** A report that goes to a file. */
export interface OutputFile<F extends string = FormatName> {
  readonly format: F;
  readonly file: string;
}

/** What reads `--format` and `-o`, for the forms that a command has. */
export interface FormatReaders<F extends string = string> {
  readonly names: readonly F[];
  parseFormat(this: void, text: string): F;
  /** `FORMAT:FILE`, after those that came before. */
  parseOutput(
    this: void,
    text: string,
    before?: readonly OutputFile<F>[],
  ): readonly OutputFile<F>[];
}

/** Readers for a record of reporters. */
export function formatReaders<F extends string>(
  forms: Readonly<Record<F, unknown>>,
): FormatReaders<F> {
  const isFormat = (text: string): text is F => Object.hasOwn(forms, text);
  const names = Object.keys(forms).filter(isFormat);
  const parseFormat = (text: string): F => {
    if (isFormat(text)) return text;
    throw new InvalidArgumentError(`Expected one of ${names.join(', ')}.`);
  };
  return {
    names,
    parseFormat,
    parseOutput: (text, before = []) => {
      const colon = text.indexOf(':');
      if (colon < 1 || colon === text.length - 1) {
        throw new InvalidArgumentError('Expected FORMAT:FILE, for example json:report.json.');
      }
      const format = parseFormat(text.slice(0, colon));
      return [...before, { format, file: text.slice(colon + 1) }];
    },
  };
}
