import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { exitCodes } from '../app/exit-code.ts';
import { reportError } from '../app/artifact-report.ts';
import { KeydriftError, type Publication, type Report } from '../model/index.ts';
import {
  describeError,
  publicationReporters,
  reporters,
  type Reporter,
  type ReportOptions,
} from '../report/index.ts';
import { isSwitchedOn, type RawOptions } from './options.ts';
import { columnsOf, hasColor } from './terminal.ts';
import { version } from './version.ts';

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
export function reportOptions(raw: ReportFlags, color: boolean, width = 80): ReportOptions {
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

/** A usage error, which may come before the options are known: JSON on stdout where it was asked for. */
export function emitUsageError(argv: readonly string[], error: KeydriftError): void {
  tellError(error);
  const asked = argv.some(
    (argument, index) =>
      argument === '--format=json' || (argument === '--format' && argv[index + 1] === 'json'),
  );
  if (!asked && process.env['KEYDRIFT_FORMAT'] !== 'json') return;
  if (argv[0] === 'publish') return emitPublishError(error);
  const report: Report = {
    command: argv[0] === 'diff' || argv[0] === 'lint' || argv[0] === 'bundle' ? argv[0] : 'audit',
    version,
    startedAt: new Date().toISOString(),
    durationMs: 0,
    verdict: 'indeterminate',
    exitCode: exitCodes.noVerdict,
    enforced: !argv.includes('--no-fail'),
    error: reportError(error),
    artifacts: [],
  };
  const options = { width: 80, color: false, limit: 0, quiet: false };
  writeText(process.stdout, [...reporters.json(report, options)].join(''));
}

function emitPublishError(error: KeydriftError): void {
  const publication: Publication = {
    schema: 'keydrift.publication/1',
    tool: { name: 'keydrift', version },
    startedAt: new Date().toISOString(),
    durationMs: 0,
    exitCode: exitCodes.noVerdict,
    error: reportError(error),
    publications: [],
  };
  const told = publicationReporters.json(publication, { width: 80, color: false });
  writeText(process.stdout, [...told].join(''));
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
