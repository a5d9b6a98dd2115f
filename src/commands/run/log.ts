import { reportError } from '../../judge/artifact-report.ts';
import { gateCodeOf } from '../../judge/exit-code.ts';
import type { GateEvent, KeydriftError } from '../../model/index.ts';
import { describeGateEvent, gateEventLine, type ReportOptions } from '../../report/index.ts';
import type { Io } from '../../io/io.ts';
import { version } from '../../io/version.ts';
import { logFormatOf, type LogFormat } from '../log.ts';
import { reportOptions, tellOrigin } from '../output.ts';

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
export function tellRunError(io: Io, error: KeydriftError): void {
  const options = reportOptions({ limit: 0 }, io, io.stderr);
  const told = reportError(error);
  const exitCode = gateCodeOf(error.code);
  const event = { kind: 'error', error: told, exitCode, observed: false } as const;
  tellEvent(io, event, logFormatOf(io), options);
  tellOrigin(io, told);
}
