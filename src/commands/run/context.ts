import type { AppContext } from '../../judge/context.ts';
import type { ContractOptions } from '../../judge/options.ts';
import type { ScopeTerm } from '../../judge/scope.ts';
import type { Clock } from '../../judge/time.ts';
import type {
  GivenOption,
  HandedCopy,
  Override,
  CommandEnd,
  Decision,
  Folder,
  GateDecision,
  GateEvent,
  Report,
  Environment,
} from '../../model/index.ts';
import type { Interruption } from './lifeline.ts';

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

/** A command that is to be started as it stands. */
export interface ReadyCommand {
  readonly file: string;
  readonly words: readonly string[];
  readonly environment: Environment;
  /** Called with the process's id as soon as there is one, before anything else happens. */
  started(pid: number): void;
}

/** What `run` takes from outside beside the rest: the process that it is, and its stderr. */
export interface RunContext extends AppContext {
  /** Where private directories are made: `KEYDRIFT_TMPDIR`, or the system's. */
  readonly temporaryDirectory: string;
  readonly tell: (event: GateEvent) => void;
  /** Writes the reports that were asked for (`-o`); true: some could not be, and it was told. */
  readonly writeReports: (report: Report) => Promise<boolean>;
  /** Writes what was decided where it was asked for; false: it could not be, and it was told. */
  readonly writeDecision: (decision: Decision) => Promise<boolean>;
  /** The signal that ended the judging, or null; `stop` is aborted by it. */
  readonly interruption: Interruption | null;
  /** Starts the command with the process's own stdin, stdout and stderr, and waits for its end. */
  readonly launch: (command: ReadyCommand) => Promise<CommandEnd>;
  /** Has something done when the process ends, however that comes (but for SIGKILL). */
  readonly atExit: (cleanup: () => void) => unknown;
}

/** Where a run is recorded: `name` is no other run's. */
export interface RecordPlace {
  readonly folder: Folder;
  readonly name: string;
}

/** One run on its way: what its steps share. */
export interface Course {
  readonly context: RunContext;
  readonly options: RunOptions;
  readonly clock: Clock;
  readonly atEnd: (closer: () => unknown) => unknown;
  /** What is decided so far, as it is written, and of each artifact. */
  decision: Decision;
  decisions: readonly GateDecision[];
  /** Where the run is recorded; null: nowhere. */
  record: RecordPlace | null;
}
