import { isSwitchedOn, type Io, type Output } from '../io/io.ts';
import { appendOutput, gather, writeOutput } from '../io/output-file.ts';
import { errorOf, reportError } from '../judge/artifact-report.ts';
import { unwrittenCode } from '../judge/exit-code.ts';
import {
  KeydriftError,
  pause,
  toKeydriftError,
  type Report,
  type ReportError,
} from '../model/index.ts';
import {
  describeError,
  escapeTerminal,
  reporterOf,
  type Reporters,
  type ReportOptions,
  type Shown,
} from '../report/index.ts';
import type { Call } from './call.ts';
import { eachFile, isForEach } from './each-file.ts';
import type { Destinations, OutputFile } from './formats.ts';
import { givenOptions } from './given.ts';
import { jsonLine, logFormatOf, ownWords, tellWritten } from './log.ts';
import type { RawOptions } from './options.ts';

/** What a command has to say, and its exit code. */
export interface Answer {
  readonly exitCode: number;
  /** Of stdout; null: nothing. */
  readonly stdout: Iterable<string> | null;
  readonly files: readonly ToldFile[];
}

/** A file, and what is to be written to it. */
export interface ToldFile extends Pick<OutputFile, 'file' | 'how'> {
  tell(this: void): Iterable<string>;
}

/**
 * Gives an answer: stdout first, which no file keeps from it, then every file. Resolves to the exit
 * code; a file that could not be written makes it 2, or 3 beside drift.
 */
export async function deliver({ io }: Call, answer: Answer): Promise<number> {
  if (answer.stdout !== null) await writeTo(io.stdout, answer.stdout);
  if (!(await writeReports(io, answer.files))) return answer.exitCode;
  const exitCode = unwrittenCode(answer.exitCode);
  if (logFormatOf(io) === 'text') {
    // What stands on stdout says another one.
    await io.stderr.write(`keydrift: a report could not be written (exit code ${exitCode})\n`);
  }
  return exitCode;
}

/** Writes every file that can be, and tells of the others; true: some could not. */
export async function writeFiles(io: Io, files: readonly ToldFile[]): Promise<boolean> {
  let failed = false;
  for (const { file, how, tell } of files) {
    try {
      await (how === 'append' ? appendOutput : writeOutput)(io, file, tell());
    } catch (error) {
      failed = true;
      tellError(io, toKeydriftError(error));
    }
  }
  return failed;
}

/** Writes reports as `writeFiles` does, and says on a terminal which were written. */
export async function writeReports(io: Io, files: readonly ToldFile[]): Promise<boolean> {
  const failed = await writeFiles(io, files);
  // What somebody reads from a descriptor is no file, and what CI shows is its own affair.
  const named = files.filter(
    ({ file, how }) => how !== 'append' && !/^\/(?:dev|proc)\//.test(file),
  );
  if (failed || named.length === 0) return failed;
  tellWritten(
    io,
    named.map(({ file }) => file),
  );
  return failed;
}

/** Where a command's documents go, with what tells them. */
export interface Told<What extends Shown> extends Destinations {
  /** What tells them in a form that was asked for. */
  by(this: void, format: string): Reporters[What];
}

/**
 * Loads what tells the documents of a command, before it works: what happens to the installation
 * meanwhile takes no report away.
 */
export async function toldTo<What extends Shown>(
  { registries, io }: Call,
  what: What,
  to: Destinations,
): Promise<Told<What>> {
  const names = new Set([to.stdout, ...to.files.map(({ format }) => format)]);
  const each = to.files.find(({ file }) => isForEach(file));
  if (each !== undefined && what !== 'report') {
    const message = `-o ${each.format}:${each.file}: only a report has one file for each owner or label`;
    throw new KeydriftError('USAGE', message, { hint: 'Name one file.' });
  }
  const beside = [...names].flatMap((name): OutputFile[] => {
    const { output: format, variable } = registries.outputs[name]?.beside ?? {};
    const file = variable === undefined ? undefined : io.environment[variable];
    return format === undefined || file === undefined || file === ''
      ? []
      : [{ format, file, how: 'append' }];
  });
  for (const { format } of beside) names.add(format);
  const loading = [...names].map(
    async (name) => [name, await reporterOf(registries.outputs, name, what)] as const,
  );
  const reporters = new Map(await Promise.all(loading));
  const by = (format: string): Reporters[What] => reporters.get(format)!;
  return { stdout: to.stdout, files: [...to.files, ...beside], by };
}

/** Gives a report as it was asked for. */
export async function emitReport(
  call: Call,
  judged: Report,
  raw: RawOptions,
  to: Told<'report'>,
): Promise<number> {
  const { io, interrupted, fromEnvironment } = call;
  const exitCode = interrupted ?? judged.exitCode;
  const report = { ...judged, exitCode, fromEnvironment, given: givenOptions(raw) };
  if (report.error !== null) tellError(io, report.error);
  for (const { error } of report.artifacts) if (error !== null) tellOrigin(io, error);
  const isTold = report.error !== null && (to.stdout === 'text' || to.stdout === 'accept-yaml');
  const stdout = isTold ? null : to.by(to.stdout)(report, reportOptions(raw, io, io.stdout));
  const files = reportFiles(report, to, reportOptions(raw, io));
  return deliver(call, { exitCode: report.exitCode, stdout, files });
}

/** What a report's files hold: some ask for one for each owner or label. */
export function reportFiles(
  report: Report,
  { files, by }: Told<'report'>,
  options: ReportOptions,
): readonly ToldFile[] {
  return files.flatMap(({ format, file, ...how }) =>
    eachFile(report, file).map(([own, part]) => ({
      file: own,
      ...how,
      tell: () => by(format)(part, options),
    })),
  );
}

/** How a report is told: to a terminal where a stream leads to one, otherwise plainly. */
export function reportOptions(
  raw: Pick<RawOptions, 'limit' | 'quiet'>,
  io: Io,
  stream: Output | null = null,
): ReportOptions {
  const { limit = 20, quiet = false } = raw;
  const many = raw.limit === undefined ? 'one-screen' : 'details';
  if (stream === null) return { width: 80, color: false, limit, quiet, many };
  const commands = stream.isTerminal ? 'folded' : 'whole';
  const width = Math.max(40, stream.columns);
  return { width, color: hasColor(io, stream), limit, quiet, many, commands };
}

/**
 * Whether a stream shows colour: a terminal that has it, or `FORCE_COLOR` (the log of a CI, which
 * is a pipe and shows it), and nobody said no. The flag is looked for in the words themselves,
 * because a usage error is told before they are understood.
 */
export function hasColor(io: Io, stream: Output): boolean {
  const { environment } = io;
  if (isSwitchedOn(environment, 'KEYDRIFT_NO_COLOR')) return false;
  if (ownWords(io).includes('--no-color') || (environment['NO_COLOR'] ?? '') !== '') return false;
  const forced = environment['FORCE_COLOR'] ?? '';
  if (forced !== '') return forced !== '0' && forced !== 'false';
  return stream.isTerminal && stream.hasColors;
}

/** An error for a person, on stderr. */
export function tellError(io: Io, error: ReportError | KeydriftError): void {
  const told = error instanceof KeydriftError ? reportError(error) : error;
  if (logFormatOf(io) === 'json') {
    jsonLine(io, 'error', 'error', { error: told });
    tellOrigin(io, told);
    return;
  }
  const { columns: width, isTerminal } = io.stderr;
  const commands = isTerminal ? 'folded' : 'whole';
  const options = { width, color: hasColor(io, io.stderr), commands } as const;
  void io.stderr.write(`${describeError(told, options)}\n`);
  tellOrigin(io, told);
}

/** Where an error comes from, for whoever set `KEYDRIFT_DEBUG=1`. */
export function tellOrigin({ environment, stderr }: Io, error: ReportError): void {
  if (environment['KEYDRIFT_DEBUG'] !== '1') return;
  const stacks: string[] = [];
  for (let at: unknown = errorOf(error); at instanceof Error && stacks.length < 8; at = at.cause) {
    stacks.push(at.stack ?? String(at));
  }
  const lines = stacks.join('\nCaused by: ').split('\n').map(escapeTerminal);
  if (stacks.length > 0) void stderr.write(`${lines.join('\n')}\n`);
}

/** Writes as fast as the reader takes it, and stops where nobody reads. */
export async function writeTo(stream: Output, chunks: Iterable<string>): Promise<void> {
  for (const piece of gather(chunks)) {
    await stream.write(piece);
    if (stream.fault !== null) return;
    // A file takes all of it at once: a signal is heard all the same.
    await pause();
  }
}
