import { InvalidArgumentError } from 'commander';
import { normalize } from 'node:path';
import { KeydriftError, nearestNames, shellQuote } from '../model/index.ts';
import { showing, type Outputs, type Shown } from '../report/index.ts';
import { ForeignForm } from './variables.ts';

/** A report that goes to a file; `-` is stdout. */
export interface OutputFile {
  readonly format: string;
  readonly file: string;
  /** `append`: others write to it as well; left out: it is replaced. */
  readonly how?: 'append';
}

/** What reads `--format` and `-o`, for the forms that a command has. */
export interface FormatReaders {
  readonly names: readonly string[];
  parseFormat(this: void, text: string): string;
  /** `FORMAT:FILE`, after those that came before. */
  parseOutput(this: void, text: string, before?: readonly OutputFile[]): readonly OutputFile[];
}

/** Readers for the outputs that can show what a command tells. */
export function formatReaders(outputs: Outputs, ...what: readonly Shown[]): FormatReaders {
  const names = showing(outputs, ...what);
  const byEnding = (ending: string): string | null => {
    const low = ending.toLowerCase();
    const isOf = (name: string): boolean =>
      name === low || outputs[name]?.endings?.includes(low) === true;
    return names.find(isOf) ?? null;
  };
  const parseFormat = (text: string): string => {
    if (names.includes(text)) return text;
    const meant = byEnding(text) ?? nearestNames(text, names)[0];
    const near = meant === undefined ? '' : ` Did you mean ${meant}?`;
    const message = `Expected one of ${names.join(', ')}.${near}`;
    // As a variable, one that other commands have may be meant for them.
    throw new (Object.hasOwn(outputs, text) ? ForeignForm : InvalidArgumentError)(message);
  };
  return {
    names,
    parseFormat,
    parseOutput: (text, before = []) => {
      const colon = text.indexOf(':');
      if (colon < 1 || colon === text.length - 1) {
        const printed = names.includes(text) ? ` --format ${text} prints it.` : '';
        const meant = byEnding(/\.([^./]+)$/.exec(text)?.[1] ?? '');
        const example =
          meant === null
            ? ', for example json:report.json'
            : `: -o ${shellQuote(`${meant}:${text}`)}`;
        throw new InvalidArgumentError(
          `Expected FORMAT:FILE${example}${meant === null ? '.' : ''}${printed}`,
        );
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

/** `-o FORMAT:-` says what stdout gets. Throws `USAGE` where two reports would meet there, or in a file. */
export function destinations(
  format: string,
  outputs: readonly OutputFile[],
  isFormatAsked: boolean,
): Destinations {
  const [onStdout, another] = outputs.filter(({ file }) => file === '-');
  const files = outputs.filter(({ file }) => file !== '-');
  requireApart(files);
  if (onStdout === undefined) return { stdout: format, files };
  if (another !== undefined || (isFormatAsked && onStdout.format !== format)) {
    const other = another?.format ?? format;
    throw new KeydriftError('USAGE', `stdout cannot get both ${onStdout.format} and ${other}`, {
      hint: `Write one of them to a file: -o ${other}:FILE`,
    });
  }
  return { stdout: onStdout.format, files };
}

/** Throws `USAGE` for two reports in one file: the first would be gone. A device takes both. */
function requireApart(files: readonly OutputFile[]): void {
  const known = new Map<string, OutputFile>();
  for (const one of files) {
    const path = normalize(one.file);
    const other = known.get(path);
    known.set(path, one);
    if (other === undefined || other.format === one.format || /^\/(?:dev|proc)\//.test(path))
      continue;
    const message = `-o ${other.format}:${other.file} and -o ${one.format}:${one.file} are one file`;
    throw new KeydriftError('USAGE', message, { hint: 'Give each output a file of its own.' });
  }
}
