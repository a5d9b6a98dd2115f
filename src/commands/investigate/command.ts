import { Command, InvalidArgumentError, Option } from 'commander';
import type { ScopeTerm } from '../../judge/scope.ts';
import type { Investigation } from '../../model/index.ts';
import { investigationReporters } from '../../report/index.ts';
import { formatReaders } from '../formats.ts';
import {
  addConfigOption,
  addJudgeOptions,
  refOption,
  toJudgeOptions,
  type RawOptions,
} from '../options.ts';
import { isSwitchedOn } from '../../io/environment.ts';
import { reportOptions, tellError, writeFile, writeStdout } from '../output.ts';
import { runWithProgress } from '../run-judgement.ts';
import { parseScope } from '../scope.ts';
import { columnsOf, hasColor } from '../../io/terminal.ts';

type FormatName = keyof typeof investigationReporters;

interface InvestigateFlags extends RawOptions<FormatName> {
  readonly config?: string;
  readonly scope?: readonly ScopeTerm[];
  readonly from?: string;
  readonly to?: string;
  readonly maxVersions?: number;
  readonly since?: string;
  readonly cache: boolean;
}

/** `keydrift investigate ARTIFACT [--scope column=value…]`. */
export function investigateCommand(): Command {
  const command = new Command('investigate')
    .description('since when, from where and by which change the copies of an artifact differ')
    .argument('<artifact>', 'an artifact, or one of its copies as participants@eu');
  addConfigOption(command);
  command.addOption(refOption('git ref of the reviewed copy; default: HEAD'));
  for (const option of investigateOptions()) command.addOption(option);
  addJudgeOptions(command, formatReaders(investigationReporters));
  command.addHelpText('after', `\n${help}`);
  return command.action(async (artifact: string, flags: InvestigateFlags) => {
    const { investigate } = await import('./investigate.ts');
    const useCache = flags.cache && !isSwitchedOn('KEYDRIFT_NO_CACHE');
    const options = {
      ...toJudgeOptions(flags),
      config: flags.config ?? null,
      artifact,
      scope: flags.scope ?? [],
      from: flags.from ?? null,
      to: flags.to ?? null,
      maxVersions: flags.maxVersions ?? null,
      since: flags.since ?? null,
      cache: useCache ? 'use' : 'none',
    } as const;
    await emit(await runWithProgress((context) => investigate(context, options)), flags);
  });
}

function investigateOptions(): Option[] {
  return [
    new Option(
      '--scope <column=value>',
      'tell the story of this slice: a,b is a or b; may be repeated',
    ).argParser(parseScope),
    new Option('--from <point>', 'compare this point …; default: the reviewed copy now'),
    new Option('--to <point>', '… with this one; default: the runtime copy now'),
    new Option('--max-versions <number>', 'read the newest object versions only').argParser(
      parseVersions,
    ),
    new Option('--since <time>', 'read object versions from this time on only'),
    new Option(
      '--no-cache',
      'neither use nor keep what earlier runs read (env: KEYDRIFT_NO_CACHE)',
    ),
  ];
}

const help = `A point is a VersionId, a commit, or a time (UTC): 2026-11-01, 2026-11-01T03:00Z, "2 weeks ago",
yesterday. A time means the runtime copy of that time; reviewed:TIME the reviewed one.

Exit codes: 0 in sync, 1 drift, 2 no verdict.

Example: keydrift investigate participants --scope participant_id=P-1 --since "2 weeks ago"`;

/**
 * Writes what was established to stdout and to every file that was asked for, and sets the exit
 * code. An error before anything was established is told on stderr, as of any command.
 */
async function emit(investigation: Investigation, flags: InvestigateFlags): Promise<void> {
  const { artifact, error, exitCode } = investigation;
  process.exitCode = exitCode;
  const isTold = flags.format === 'text' && artifact !== null;
  if (error !== null && !isTold) tellError(error);
  for (const { format, file } of flags.output ?? []) {
    await writeFile(
      file,
      investigationReporters[format](investigation, reportOptions(flags, false)),
    );
  }
  if (error !== null && artifact === null && flags.format === 'text') return;
  const options = reportOptions(flags, hasColor(process.stdout), columnsOf(process.stdout));
  await writeStdout(investigationReporters[flags.format](investigation, options));
}

function parseVersions(text: string): number {
  if (!/^[1-9][0-9]{0,8}$/.test(text)) {
    throw new InvalidArgumentError('Expected a whole number, at least 1.');
  }
  return Number(text);
}
