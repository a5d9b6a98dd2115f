import { type Io, version } from '../../io/io.ts';
import { reportError } from '../../judge/artifact-report.ts';
import { gateCodeOf } from '../../judge/exit-code.ts';
import type { GateEvent, KeydriftError } from '../../model/index.ts';
import type { GateReporter, ReportOptions } from '../../report/index.ts';
import { asciiJson, ownWords, valueOf } from '../log.ts';
import { reportOptions, tellOrigin, writeFiles } from '../output.ts';

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

/**
 * What an error that comes before anything is judged decides: the line of a gate, and the file of
 * `--decision`, which would tell of an earlier run.
 */
export async function answerRunError(io: Io, error: KeydriftError): Promise<void> {
  const { failedWhole, undecided } = await import('./decision.ts');
  const exitCode = gateCodeOf(error.code);
  const failed = failedWhole(undecided(version, io.now()), reportError(error), exitCode);
  const line = `${asciiJson({ ...failed, exitCode })}\n`;
  const own = ownWords(io);
  const file = valueOf('--decision', own);
  if (file !== undefined) await writeFiles(io, [{ file, tell: () => [line] }]);
  if (own[0] === 'gate') await io.stdout.write(line);
}
