import { reportError } from '../judge/artifact-report.ts';
import { exitCodes } from '../judge/exit-code.ts';
import type { Investigation, KeydriftError, Publication, Report } from '../model/index.ts';
import { investigationReporters, publicationReporters, reporters } from '../report/index.ts';
import type { Io } from '../io/io.ts';
import { tellError } from './output.ts';
import { version } from '../io/version.ts';

/** A usage error, which may come before the options are known: JSON on stdout where it was asked for. */
export async function emitUsageError(
  io: Io,
  argv: readonly string[],
  error: KeydriftError,
): Promise<void> {
  tellError(io, error);
  const asked = argv.some(
    (argument, index) =>
      argument === '--format=json' || (argument === '--format' && argv[index + 1] === 'json'),
  );
  if (!asked && io.environment['KEYDRIFT_FORMAT'] !== 'json') return;
  await io.stdout.write([...asJson(argv, error, io.now())].join(''));
}

function asJson(argv: readonly string[], error: KeydriftError, now: Date): Iterable<string> {
  if (argv[0] === 'publish') return publishError(error, now);
  if (argv[0] === 'investigate') return investigationError(argv, error, now);
  const report: Report = {
    command: argv[0] === 'diff' || argv[0] === 'lint' || argv[0] === 'bundle' ? argv[0] : 'audit',
    version,
    startedAt: now.toISOString(),
    durationMs: 0,
    verdict: 'indeterminate',
    exitCode: exitCodes.noVerdict,
    enforced: !argv.includes('--no-fail'),
    error: reportError(error),
    artifacts: [],
  };
  return reporters.json(report, plainly);
}

function publishError(error: KeydriftError, now: Date): Iterable<string> {
  const publication: Publication = {
    schema: 'keydrift.publication/1',
    tool: { name: 'keydrift', version },
    startedAt: now.toISOString(),
    durationMs: 0,
    exitCode: exitCodes.noVerdict,
    error: reportError(error),
    publications: [],
  };
  return publicationReporters.json(publication, { ...plainly, next: null, shown: 'result' });
}

function investigationError(
  argv: readonly string[],
  error: KeydriftError,
  now: Date,
): Iterable<string> {
  const investigation: Investigation = {
    version,
    startedAt: now.toISOString(),
    durationMs: 0,
    verdict: 'indeterminate',
    exitCode: exitCodes.noVerdict,
    enforced: !argv.includes('--no-fail'),
    error: reportError(error),
    artifact: null,
    history: { reviewed: null, runtime: null, reasons: [] },
    timeline: [],
    onset: null,
    slice: null,
    comparison: null,
    cost: null,
  };
  return investigationReporters.json(investigation, plainly);
}

const plainly = { width: 80, color: false, limit: 0, quiet: false };
