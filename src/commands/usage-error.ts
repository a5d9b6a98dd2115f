import { version } from '../io/io.ts';
import { reportError } from '../judge/artifact-report.ts';
import { exitCodes } from '../judge/exit-code.ts';
import { nothingFound, type KeydriftError } from '../model/index.ts';
import { reporterOf, type Outputs } from '../report/index.ts';
import type { Call } from './call.ts';
import { valueOf } from './log.ts';
import { tellError } from './output.ts';

/** A usage error, which may come before the options are known: JSON on stdout where it was asked for. */
export async function emitUsageError(
  { io, registries }: Call,
  argv: readonly string[],
  error: KeydriftError,
): Promise<void> {
  tellError(io, error);
  if ((valueOf('--format', argv) ?? io.environment['KEYDRIFT_FORMAT']) !== 'json') return;
  await io.stdout.write([...(await asJson(argv, error, io.now(), registries.outputs))].join(''));
}

async function asJson(
  argv: readonly string[],
  error: KeydriftError,
  now: Date,
  outputs: Outputs,
): Promise<Iterable<string>> {
  const [command] = argv;
  const head = {
    startedAt: now.toISOString(),
    durationMs: 0,
    exitCode: exitCodes.noVerdict,
    error: reportError(error),
  };
  const plainly = { width: 80, color: false, limit: 0, quiet: false };
  if (command === 'publish') {
    const tell = await reporterOf(outputs, 'json', 'publication');
    const tool = { name: 'keydrift', version } as const;
    const schema = 'keydrift.publication/1';
    const how = { ...plainly, next: null, shown: 'result' } as const;
    return tell({ schema, tool, ...head, publications: [] }, how);
  }
  const judged = {
    ...head,
    version,
    verdict: 'indeterminate',
    enforced: !argv.includes('--no-fail'),
  } as const;
  if (command === 'investigate') {
    const tell = await reporterOf(outputs, 'json', 'investigation');
    return tell({ ...judged, ...nothingFound }, plainly);
  }
  const known = command === 'diff' || command === 'lint' || command === 'bundle';
  const tell = await reporterOf(outputs, 'json', 'report');
  return tell({ ...judged, command: known ? command : 'audit', artifacts: [] }, plainly);
}
