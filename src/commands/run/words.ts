import { KeydriftError, quote, shellQuote } from '../../model/index.ts';
import { placeholdersOf } from './child-command.ts';

/** A command line of `run`, in two. */
export interface RunLine {
  /** keydrift's own words, `run` first. */
  readonly own: readonly string[];
  /** The command's words; null: there is no `--`. */
  readonly command: readonly string[] | null;
}

/** Splits at the first `--`, which the parser of options would lose. */
export function splitRunLine(argv: readonly string[]): RunLine {
  const at = argv.indexOf('--');
  if (at === -1) return { own: argv, command: null };
  return { own: argv.slice(0, at), command: argv.slice(at + 1) };
}

/** What a parser knows of an option; a commander `Option` fits. */
interface KnownOption {
  readonly required: boolean;
  readonly short?: string | undefined;
  readonly long?: string | undefined;
}

/** Words of `run` that are no options, nor their values, up to an option that `run` does not know. */
interface Typed {
  /** Places among the words. */
  readonly plain: readonly number[];
  readonly hasForeign: boolean;
}

function typedOf(words: readonly string[], options: readonly KnownOption[]): Typed {
  const plain: number[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at]!;
    if (!word.startsWith('-')) {
      plain.push(at);
      continue;
    }
    // A value may stand in the same word: `--format=json`, `-ojson:report.json`.
    const isLong = word.startsWith('--');
    const flag = isLong ? word.replace(/=.*$/s, '') : word.slice(0, 2);
    const known = options.find(({ short, long }) => flag === short || flag === long);
    if (known === undefined) return { plain, hasForeign: true };
    if (known.required && flag === word) at += 1;
  }
  return { plain, hasForeign: false };
}

/**
 * Where the command begins in a command line of `run` that lacks its `--`; null: nothing tells that one
 * is there. Braces do, and an option that `run` does not know: both are of a command, which begins with
 * the first word that no braces name, or after the first word. A file in braces is no command.
 */
function startOf(words: readonly string[], { plain, hasForeign }: Typed): number | null {
  const braced = new Set(words.flatMap((word) => /\{([^{}]+)\}/.exec(word)?.[1] ?? []));
  // Of one word alone, an option that is unknown may be a misspelled one of run.
  if (braced.size === 0 && (!hasForeign || plain.length === 1)) return null;
  const isNamed = (at: number): boolean => braced.has(words[at]!.replace(/@.*$/, ''));
  const isFile = (at: number | undefined): boolean =>
    at !== undefined && /^\{[^{}]+\}$/.test(words[at]!);
  const after = plain.findIndex((at) => !isNamed(at));
  const first = after === 0 && plain.length > 1 && !isFile(plain[1]) ? 1 : after;
  const start = plain[first];
  return start === undefined || isFile(start) ? null : start;
}

/**
 * A command was given without the `--` before it, by artifacts of the contract (none: it cannot be read).
 * Null: nothing tells that there is one.
 */
export function lackingDashes(
  own: readonly string[],
  options: readonly KnownOption[],
  known: readonly string[],
): KeydriftError | null {
  const words = own.slice(1);
  const typed = typedOf(words, options);
  const told = startOf(words, typed);
  // Of several words alone nobody knows which are artifacts.
  const start = told ?? typed.plain[1];
  if (start === undefined) return null;
  const [before, command] = [words.slice(0, start), words.slice(start)];
  const isChosen = typed.plain[0] !== start || before.some((word) => /^--select(?:=|$)/.test(word));
  const meant = isChosen ? [] : meantBy(command, known);
  const typedLine = [...before, ...meant].map(shellQuote);
  const line = ['keydrift run', ...typedLine, '--', ...command.map(shellQuote)].join(' ');
  return told === null
    ? new KeydriftError('USAGE', 'run needs a command after --', {
        hint: { text: `Where ${quote(words[start]!)} begins the command`, command: line },
      })
    : new KeydriftError('USAGE', 'run needs -- before its command', {
        hint: { text: 'Write', command: line },
      });
}

/**
 * The artifacts that a command is meant to read, for nothing chosen would be all: those that its braces
 * name, where others are another language's (`awk '{print}'`), or the only one that there is.
 */
function meantBy(command: readonly string[], known: readonly string[]): readonly string[] {
  const names = known.filter((name) => !name.includes('@'));
  const named = [...new Set(placeholdersOf(command, names))];
  if (named.length > 0) return named;
  return names.length === 1 ? names : ['ARTIFACT'];
}

/**
 * What a file's name ends with, `.csv` or `.csv.gz`: readers go by it, and nothing else of a name is
 * taken.
 */
export function extensionsOf(name: string): string {
  const [last = ''] = /\.[A-Za-z0-9]{1,16}$/.exec(name) ?? [];
  // Two only where the last one says how the first one is packed: `2026.csv` is a CSV file.
  if (!/^\.(?:gz|zst|bz2|xz|br|lz4|snappy)$/i.test(last)) return last;
  const [both = last] = /\.[A-Za-z0-9]{1,16}\.[A-Za-z0-9]{1,16}$/.exec(name) ?? [];
  return both;
}
