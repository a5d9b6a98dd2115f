import { reportError } from '../judge/artifact-report.ts';
import { exitCodes, gateCodeOf } from '../judge/exit-code.ts';
import { nothingFound, type KeydriftError } from '../model/index.ts';
import { reporterOf, type Outputs } from '../report/index.ts';
import type { Call } from './call.ts';
import { asciiJson, ownWords } from './log.ts';
import { tellError, writeFiles } from './output.ts';
import { version } from '../io/version.ts';

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

/**
 * An error of `run` or `gate` that comes before anything is judged: the line of a gate, and the file of
 * `--decision`, which would tell of an earlier run.
 */
export async function emitGateError({ io }: Call, error: KeydriftError): Promise<void> {
  const own = ownWords(io);
  const { failedWhole, undecided } = await import('./run/decision.ts');
  const exitCode = gateCodeOf(error.code);
  const failed = failedWhole(undecided(version, io.now()), reportError(error), exitCode);
  const line = `${asciiJson({ ...failed, exitCode })}\n`;
  const file = valueOf('--decision', own);
  if (file !== undefined) await writeFiles(io, [{ file, tell: () => [line] }]);
  if (own[0] === 'gate') await io.stdout.write(line);
}

/** The value of an option in words that may be no command line; undefined: it is not there. */
function valueOf(option: string, words: readonly string[]): string | undefined {
  const at = words.findLastIndex((word) => word === option || word.startsWith(`${option}=`));
  if (at === -1) return undefined;
  return words[at] === option ? words[at + 1] : words[at]!.slice(option.length + 1);
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
