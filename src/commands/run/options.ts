import type { GivenOption, HandedCopy, Override } from '../../model/index.ts';
import type { ContractOptions } from '../../judge/options.ts';
import type { ScopeTerm } from '../../judge/scope.ts';

export interface RunOptions extends ContractOptions {
  /** The command and its arguments, placeholders and all; null: none is started (`gate`). */
  readonly command: readonly [file: string, ...words: string[]] | null;
  readonly use: HandedCopy;
  /** `canonical`: written anew as CSV, whatever the format was. */
  readonly as: 'stored' | 'canonical';
  readonly scope: readonly ScopeTerm[];
  /** What is handed over where there is a scope: its rows, or every row (`--whole-file`). */
  readonly extent: 'scope' | 'whole-file';
  /** `contract`: the runtime copy alone (`--contract-only`). */
  readonly basis: 'reviewed' | 'contract';
  readonly override: Override | null;
  /** Of `KEYDRIFT_OVERRIDE_<ARTIFACT>`, by the artifact's name there. */
  readonly overrides: ReadonlyMap<string, Override>;
  /** `--observe`: the command is started whatever is decided, and the log says what would have been. */
  readonly observe: boolean;
  /** Variables that decided what is judged. */
  readonly fromEnvironment: readonly string[];
  /** `s3://BUCKET/PREFIX/` of `--stage`, or null. */
  readonly stage: string | null;
  /** `s3://BUCKET/PREFIX/` of `--record`, or null. */
  readonly record: string | null;
  /** Options of the command line, which the commands that are told repeat. */
  readonly given: readonly GivenOption[];
}
