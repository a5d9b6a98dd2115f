import { InvalidArgumentError } from 'commander';
import { reporters } from '../report/index.ts';

/** Name of a reporter. */
export type FormatName = keyof typeof reporters;

/** A report that goes to a file. */
export interface OutputFile {
  readonly format: FormatName;
  readonly file: string;
}

export function parseFormat(text: string): FormatName {
  const names = Object.keys(reporters);
  if (text === 'html') throw new InvalidArgumentError('html is not supported yet by this version.');
  if (isFormat(text)) return text;
  throw new InvalidArgumentError(`Expected one of ${names.join(', ')}.`);
}

/** `FORMAT:FILE`. */
export function parseOutput(text: string): OutputFile {
  const colon = text.indexOf(':');
  if (colon < 1 || colon === text.length - 1) {
    throw new InvalidArgumentError('Expected FORMAT:FILE, for example json:report.json.');
  }
  return { format: parseFormat(text.slice(0, colon)), file: text.slice(colon + 1) };
}

function isFormat(text: string): text is FormatName {
  return Object.hasOwn(reporters, text);
}
