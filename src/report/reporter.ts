import type {
  BundleManifest,
  GateEvent,
  GivenOption,
  Investigation,
  Publication,
  PublishPlan,
  Report,
} from '../model/index.ts';

/** How a report is to be told; every reporter takes what applies to it. */
export interface ReportOptions {
  /** Columns of the terminal, 80 when unknown; text. */
  readonly width: number;
  /** Whether text may carry ANSI colour. */
  readonly color: boolean;
  /** Findings shown for each artifact; text and markdown. JSON has all, html what a browser opens. */
  readonly limit: number;
  /** Only one line for each artifact that is not in sync; text. */
  readonly quiet: boolean;
  /** What a report of very many artifacts tells; left out: all details. Text. */
  readonly many?: 'one-screen' | 'details';
  /** `folded` on a terminal: a command that is wider is continued by a backslash; left out: whole. Text. */
  readonly commands?: 'folded' | 'whole';
}

/**
 * Tells a report in chunks that are written one after the other: a whole report of a million
 * findings is longer than a string can be. The last chunk ends with a newline.
 */
export type Reporter = (report: Report, options: ReportOptions) => Iterable<string>;

/** Tells an investigation in chunks that are written one after the other; the last ends a line. */
export type InvestigationReporter = (
  investigation: Investigation,
  options: ReportOptions,
) => Iterable<string>;

/** What `publish` tells: what it would do, or what it did. */
export type PublishDocument = PublishPlan | Publication;

/** How a person is told; JSON takes nothing of it. */
export interface PublicationOptions {
  readonly width: number;
  readonly color: boolean;
  /** Units shown of each copy. */
  readonly limit: number;
  /** As of a report's options. */
  readonly commands?: 'folded' | 'whole';
  readonly many?: 'one-screen' | 'details';
  /** The command that would be typed next; null: none, or the document is shown to be approved. */
  readonly next: string | null;
  /**
   * `plan`: it is shown to be approved, and its exit code is not known yet. `answer`: it was shown, and
   * declined.
   */
  readonly shown: 'plan' | 'result' | 'answer';
}

/** Tells a document of `publish` in chunks; the last one ends with a newline. */
export type PublicationReporter = (
  document: PublishDocument,
  options: PublicationOptions,
) => Iterable<string>;

/** A bundle that was written, and where it stands. */
export interface WrittenBundle {
  readonly manifest: BundleManifest;
  /** The manifest's own text. */
  readonly text: string;
  /** As `--against` takes it, without `bundle:`. */
  readonly place: string;
  /** Of the manifest's bytes, hex. */
  readonly sha256: string;
  /** What a person should know of the place. */
  readonly notes: readonly string[];
  /** Options that the next command repeats; left out: none was given. */
  readonly given?: readonly GivenOption[];
}

/** Tells what a bundle holds; ends with a newline. */
export type BundleReporter = (
  written: WrittenBundle,
  options: Pick<ReportOptions, 'width'>,
) => string;

/** When, by which version and where something was said. */
export interface LogHead {
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly version: string;
  /** What judges: `gate` has nothing that it would have started. */
  readonly command: 'run' | 'gate';
  /** Of the terminal; null: a log, whose lines are searched, not read in columns. */
  readonly columns: number | null;
}

/** Tells an event of `run` in whole lines; empty where there is nothing to say. */
export type GateReporter = (event: GateEvent, options: ReportOptions, head: LogHead) => string;

/** What an output can show, and what tells it. */
export interface Reporters {
  readonly report: Reporter;
  /** The report of `--propose-accept`. */
  readonly proposal: Reporter;
  readonly investigation: InvestigationReporter;
  readonly publication: PublicationReporter;
  readonly bundle: BundleReporter;
  /** Lines of the log of `run`. */
  readonly gate: GateReporter;
}

/** What can be shown. */
export type Shown = keyof Reporters;

/** An output: what it can show is known before it is loaded. */
export interface Output {
  readonly shows: readonly Shown[];
  readonly load: () => Promise<Partial<Reporters>>;
  /** The output that goes with it, into the file that a variable of the environment names. */
  readonly beside?: { readonly output: string; readonly variable: string };
  /** How its files' names end besides with its own name, without the dot; left out: no other way. */
  readonly endings?: readonly string[];
}

/** Outputs by the names that `--format` and `-o` take. */
export type Outputs = Readonly<Record<string, Output>>;

/** An output out of its module, which has a reporter of that name for all that it shows. */
export function output<What extends Shown>(
  load: () => Promise<Pick<Reporters, What>>,
  ...shows: readonly What[]
): Output {
  return { shows, load };
}

/** The outputs that can show all of something, by their names. */
export function showing(all: Outputs, ...what: readonly Shown[]): readonly string[] {
  return Object.keys(all).filter((name) => what.every((one) => all[name]?.shows.includes(one)));
}

/** What an output tells something with. Throws for one that cannot show it. */
export async function reporterOf<What extends Shown>(
  all: Outputs,
  name: string,
  what: What,
): Promise<Reporters[What]> {
  const reporter: Reporters[What] | undefined = (await all[name]?.load())?.[what];
  if (reporter === undefined) throw new TypeError(`${name} shows no ${what}`);
  return reporter;
}
