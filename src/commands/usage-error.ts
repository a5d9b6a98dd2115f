import { reportError } from '../judge/artifact-report.ts';
import { exitCodes } from '../judge/exit-code.ts';
import type { Investigation, KeydriftError, Publication, Report } from '../model/index.ts';
import { investigationReporters, publicationReporters, reporters } from '../report/index.ts';
import { tellError, writeText } from './output.ts';
import { version } from '../io/version.ts';

/** A usage error, which may come before the options are known: JSON on stdout where it was asked for. */
export function emitUsageError(argv: readonly string[], error: KeydriftError): void {
  tellError(error);
  const asked = argv.some(
    (argument, index) =>
      argument === '--format=json' || (argument === '--format' && argv[index + 1] === 'json'),
  );
  if (!asked && process.env['KEYDRIFT_FORMAT'] !== 'json') return;
  if (argv[0] === 'publish') return emitPublishError(error);
  if (argv[0] === 'investigate') return emitInvestigationError(argv, error);
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
  writeText(process.stdout, [...reporters.json(report, plainly)].join(''));
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

function emitInvestigationError(argv: readonly string[], error: KeydriftError): void {
  const investigation: Investigation = {
    version,
    startedAt: new Date().toISOString(),
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
  const told = investigationReporters.json(investigation, plainly);
  writeText(process.stdout, [...told].join(''));
}

const plainly = { width: 80, color: false, limit: 0, quiet: false };
