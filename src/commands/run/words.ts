import { KeydriftError, shellQuote } from '../../model/index.ts';

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

/**
 * The command line of `run` with the `--` that it lacks, as it was typed otherwise; null: nothing tells
 * that a command is there. Braces do, and an option that `run` does not know: both are of a command,
 * which begins with the first word that no braces name, or after the first word.
 */
function withDashes(own: readonly string[], options: readonly KnownOption[]): string | null {
  const words = own.slice(1);
  const braced = new Set(words.flatMap((word) => /\{([^{}]+)\}/.exec(word)?.[1] ?? []));
  const plain: number[] = [];
  let isForeign = braced.size > 0;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at]!;
    if (!word.startsWith('-')) {
      plain.push(at);
      continue;
    }
    const flag = word.replace(/=.*$/s, '');
    const known = options.find(({ short, long }) => flag === short || flag === long);
    if (known === undefined) {
      isForeign = true;
      break;
    }
    if (known.required && !word.includes('=')) at += 1;
  }
  const isNamed = (at: number): boolean => braced.has(words[at]!.replace(/@.*$/, ''));
  const after = plain.findIndex((at) => !isNamed(at));
  const first = after === 0 && plain.length > 1 ? 1 : after;
  const start = plain[first];
  // Of one word alone, an option that is unknown may be a misspelled one of run.
  if (!isForeign || start === undefined || (plain.length === 1 && braced.size === 0)) return null;
  const typed = [words.slice(0, start), words.slice(start)].map((part) => part.map(shellQuote));
  return ['keydrift run', ...typed[0]!, '--', ...typed[1]!].join(' ');
}

/** A command was given without the `--` before it. Null: nothing tells that there is one. */
export function lackingDashes(
  own: readonly string[],
  options: readonly KnownOption[],
): KeydriftError | null {
  const command = withDashes(own, options);
  if (command === null) return null;
  return new KeydriftError('USAGE', 'run needs -- before its command', {
    hint: { text: 'Write', command },
  });
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
