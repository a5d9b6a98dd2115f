import { reportError } from '../../judge/artifact-report.ts';
import { runExitCodes } from './decide.ts';
import type { GateEvent, KeydriftError } from '../../model/index.ts';
import { describeGateEvent, gateEventLine, type ReportOptions } from '../../report/index.ts';
import { version } from '../../io/version.ts';
import { writeStderr, stderrTerminal } from '../../io/stderr.ts';

/** How `run` says what it does (`--log-format`). */
export const logFormats = ['text', 'json'] as const;
export type LogFormat = (typeof logFormats)[number];

/** Says an event on stderr. */
export function tellEvent(event: GateEvent, format: LogFormat, options: ReportOptions): void {
  if (format === 'text') {
    writeStderr(describeGateEvent(event, options));
    return;
  }
  const quiet = options.quiet && event.kind === 'artifact' && isFine(event);
  if (quiet) return;
  const head = { time: new Date().toISOString(), version };
  writeStderr(gateEventLine(event, head, options.limit));
}

function isFine({ decision }: GateEvent & { readonly kind: 'artifact' }): boolean {
  return decision.outcome === 'run' && decision.report.verdict === 'in-sync';
}

/** An error that comes before the options are known, or from keydrift itself. */
export function tellRunError(argv: readonly string[], error: KeydriftError): void {
  const { width, color } = stderrTerminal();
  const options = { width, color, limit: 0, quiet: false };
  const exitCode = runExitCodes.noVerdict;
  tellEvent({ kind: 'error', error: reportError(error), exitCode }, askedFormat(argv), options);
  if (process.env['KEYDRIFT_DEBUG'] === '1') writeStderr(`${error.stack ?? ''}\n`);
}

function askedFormat(argv: readonly string[]): LogFormat {
  const asked = argv.some(
    (argument, index) =>
      argument === '--log-format=json' ||
      (argument === '--log-format' && argv[index + 1] === 'json'),
  );
  return asked || process.env['KEYDRIFT_LOG_FORMAT'] === 'json' ? 'json' : 'text';
}
