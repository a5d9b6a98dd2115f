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
