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
