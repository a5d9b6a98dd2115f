import { InvalidArgumentError } from 'commander';
import { KeydriftError } from '../model/index.ts';
import { ForeignForm } from './variables.ts';

/** Every form that some command has: as a variable it may be meant for another one. */
const everyForm: ReadonlySet<string> = new Set(['text', 'json', 'markdown', 'html']);

/** A report that goes to a file; `-` is stdout. */
export interface OutputFile {
  readonly format: string;
  readonly file: string;
}

/** What reads `--format` and `-o`, for the forms that a command has. */
export interface FormatReaders {
  readonly names: readonly string[];
  parseFormat(this: void, text: string): string;
  /** `FORMAT:FILE`, after those that came before. */
  parseOutput(this: void, text: string, before?: readonly OutputFile[]): readonly OutputFile[];
}

/** Readers for a record of reporters. */
export function formatReaders(forms: Readonly<Record<string, unknown>>): FormatReaders {
  const names = Object.keys(forms);
  const parseFormat = (text: string): string => {
    if (names.includes(text)) return text;
    const message = `Expected one of ${names.join(', ')}.`;
    throw new (everyForm.has(text) ? ForeignForm : InvalidArgumentError)(message);
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

/** Where reports go: a form for stdout, and files. */
export interface Destinations {
  readonly stdout: string;
  readonly files: readonly OutputFile[];
}

/** `-o FORMAT:-` says what stdout gets. Throws `USAGE` where two reports would meet there. */
export function destinations(
  format: string,
  outputs: readonly OutputFile[],
  isFormatAsked: boolean,
): Destinations {
  const [onStdout, another] = outputs.filter(({ file }) => file === '-');
  const files = outputs.filter(({ file }) => file !== '-');
  if (onStdout === undefined) return { stdout: format, files };
  if (another !== undefined || (isFormatAsked && onStdout.format !== format)) {
    const other = another?.format ?? format;
    throw new KeydriftError('USAGE', `stdout cannot get both ${onStdout.format} and ${other}`, {
      hint: `Write one of them to a file: -o ${other}:FILE`,
    });
  }
  return { stdout: onStdout.format, files };
}
