import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { reportError } from '../judge/artifact-report.ts';
import { KeydriftError, type Report } from '../model/index.ts';
import { describeError, reporters, type Reporter, type ReportOptions } from '../report/index.ts';
import { isSwitchedOn } from '../io/environment.ts';
import type { RawOptions } from './options.ts';
import { columnsOf, hasColor } from '../io/terminal.ts';

/** Pieces are gathered up to this many characters: a write for each finding would be slow. */
const writeLength = 64 * 1024;

/**
 * Writes a report to stdout and to every file that was asked for, and sets the exit code. Stdout
 * gets the format that was asked for, or what `reporter` makes of the report.
 */
export async function emitReport(
  report: Report,
  raw: RawOptions,
  reporter: Reporter | null = null,
): Promise<void> {
  process.exitCode = report.exitCode;
  if (report.error !== null) tellError(report.error);
  await writeReports(report, raw);
  if (report.error !== null && (reporter !== null || raw.format === 'text')) return;
  const options = reportOptions(raw, hasColor(process.stdout), columnsOf(process.stdout));
  await writeStdout((reporter ?? reporters[raw.format])(report, options));
}

/** Writes a report to every file that was asked for. Throws `OUTPUT_NOT_WRITABLE`. */
export async function writeReports(report: Report, raw: ReportFlags): Promise<void> {
  for (const { format, file } of raw.output ?? []) {
    await writeFile(file, reporters[format](report, reportOptions(raw, false)));
  }
}

/** The flags that say how a report is told. */
export type ReportFlags = Pick<RawOptions, 'output' | 'limit' | 'quiet'>;

/** How a report is told where it goes. */
export function reportOptions(
  raw: Pick<RawOptions, 'limit' | 'quiet'>,
  color: boolean,
  width = 80,
): ReportOptions {
  const quiet = raw.quiet ?? isSwitchedOn('KEYDRIFT_QUIET');
  return { width: Math.max(40, width), color, limit: raw.limit, quiet };
}

/** An error for a person, on stderr. */
export function tellError(error: Parameters<typeof describeError>[0] | KeydriftError): void {
  const told = error instanceof KeydriftError ? reportError(error) : error;
  const options = { width: columnsOf(process.stderr), color: hasColor(process.stderr) };
  writeText(process.stderr, `${describeError(told, options)}\n`);
  if (process.env['KEYDRIFT_DEBUG'] === '1' && error instanceof Error) console.error(error);
}

/**
 * Ends the process where stdout cannot be written: what was found did not arrive. A reader that has
 * gone away (`| head`) knows it; anything else is told. A lost stderr ends nothing.
 */
export function watchStreams(end: () => never): void {
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', (cause) => {
    const reason = 'code' in cause ? String(cause.code) : cause.message;
    if (reason !== 'EPIPE') {
      tellError(
        new KeydriftError('OUTPUT_NOT_WRITABLE', `stdout cannot be written (${reason})`, {
          cause,
          hint: 'Is the disk full, or the file behind it gone?',
        }),
      );
    }
    end();
  });
}

/** Writes a little text; `watchStreams` sees what fails. */
export function writeText(stream: NodeJS.WriteStream, text: string): void {
  stream.write(text);
}

/** Writes to stdout as fast as its reader takes it; `watchStreams` sees what fails. */
export async function writeStdout(chunks: Iterable<string>): Promise<void> {
  for (const piece of gather(chunks)) {
    await new Promise<void>((resolve) => {
      process.stdout.write(piece, () => resolve());
    });
  }
}

function* gather(chunks: Iterable<string>): Generator<string> {
  let piece = '';
  for (const chunk of chunks) {
    piece += chunk;
    if (piece.length < writeLength) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}

/** Writes a report beside its place and renames it: a reader never sees half of one. */
export async function writeFile(file: string, chunks: Iterable<string>): Promise<void> {
  const temporary = join(dirname(file), `.${basename(file)}.${process.pid}.tmp`);
  try {
    const handle = await open(temporary, 'wx', 0o666);
    try {
      for (const piece of gather(chunks)) await handle.writeFile(piece);
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (cause) {
    await rm(temporary, { force: true });
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new KeydriftError('OUTPUT_NOT_WRITABLE', `${file} cannot be written (${reason})`, {
      cause,
      hint: 'The directory must exist and be writable.',
    });
  }
}
