import { type Io, version } from '../../io/io.ts';
import { reportError } from '../../judge/artifact-report.ts';
import { gateCodeOf } from '../../judge/exit-code.ts';
import type { GateEvent, KeydriftError } from '../../model/index.ts';
import type { GateReporter, ReportOptions } from '../../report/index.ts';
import { reportOptions, tellOrigin } from '../output.ts';

/** Says an event on stderr. */
export function tellEvent(
  io: Io,
  event: GateEvent,
  tell: GateReporter,
  options: ReportOptions,
): void {
  const { stderr, now, words } = io;
  const head = {
    time: now().toISOString(),
    version,
    command: words[0] === 'gate' ? ('gate' as const) : ('run' as const),
    columns: stderr.isTerminal ? options.width : null,
  };
  void stderr.write(tell(event, options, head));
}

/** An error that comes before the options are known, or from keydrift itself. */
export function tellRunError(io: Io, error: KeydriftError, tell: GateReporter): void {
  const options = reportOptions({ limit: 0 }, io, io.stderr);
  const told = reportError(error);
  const exitCode = gateCodeOf(error.code);
  const event = { kind: 'error', error: told, exitCode, observed: false } as const;
  tellEvent(io, event, tell, options);
  tellOrigin(io, told);
}
