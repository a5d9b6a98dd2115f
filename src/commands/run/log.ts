import { reportError } from '../../judge/artifact-report.ts';
import { gateCodeOf } from '../../judge/exit-code.ts';
import type { GateEvent, KeydriftError } from '../../model/index.ts';
import { describeGateEvent, gateEventLine, type ReportOptions } from '../../report/index.ts';
import type { Io } from '../../io/io.ts';
import { version } from '../../io/version.ts';
import { reportOptions, tellOrigin } from '../output.ts';

/** How `run` says what it does (`--log-format`). */
export const logFormats = ['text', 'json'] as const;
export type LogFormat = (typeof logFormats)[number];

/** Says an event on stderr. */
export function tellEvent(
  { stderr, now }: Io,
  event: GateEvent,
  format: LogFormat,
  options: ReportOptions,
): void {
  if (format === 'text') {
    void stderr.write(describeGateEvent(event, options));
    return;
  }
  const quiet = options.quiet && event.kind === 'artifact' && isFine(event);
  if (quiet) return;
  const head = { time: now().toISOString(), version };
  void stderr.write(gateEventLine(event, head, options.limit));
}

function isFine({ decision }: GateEvent & { readonly kind: 'artifact' }): boolean {
  return decision.outcome === 'run' && decision.report.verdict === 'in-sync';
}

/** An error that comes before the options are known, or from keydrift itself. */
export function tellRunError(io: Io, own: readonly string[], error: KeydriftError): void {
  const options = reportOptions({ limit: 0 }, io, io.stderr);
  const told = reportError(error);
  const exitCode = gateCodeOf(error.code);
  const event = { kind: 'error', error: told, exitCode, observed: false } as const;
  tellEvent(io, event, askedFormat(io, own), options);
  tellOrigin(io, told);
}

function askedFormat({ environment }: Io, own: readonly string[]): LogFormat {
  const asked = own.some(
    (argument, index) =>
      argument === '--log-format=json' ||
      (argument === '--log-format' && own[index + 1] === 'json'),
  );
  return asked || environment['KEYDRIFT_LOG_FORMAT'] === 'json' ? 'json' : 'text';
}
