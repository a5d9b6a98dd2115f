import { Command, InvalidArgumentError, Option } from 'commander';
import type { ScopeTerm } from '../../judge/scope.ts';
import type { Investigation } from '../../model/index.ts';
import { runHeld, type Call } from '../call.ts';
import { parseScope } from '../cells.ts';
import { addContractOptions, toContractChoice, type ContractFlags } from '../contract-options.ts';
import { formatReaders } from '../formats.ts';
import { givenOptions } from '../given.ts';
import { addHelp } from '../help.ts';
import {
  addJudgeOptions,
  againstOption,
  checkAgainst,
  destinationsOf,
  refOption,
  timeoutOption,
  toJudgeOptions,
  type RawOptions,
} from '../options.ts';
import { deliver, reportOptions, tellError, tellOrigin, toldTo, type Told } from '../output.ts';
import { orVariable } from '../variables.ts';

interface InvestigateFlags extends RawOptions, ContractFlags {
  readonly scope?: readonly ScopeTerm[];
  readonly from?: string;
  readonly to?: string;
  readonly maxVersions?: number;
  readonly since?: string;
  readonly cache: boolean;
  readonly against?: string;
  readonly runs?: string;
}

/** `keydrift investigate ARTIFACT [--scope column=value…]`. */
export function investigateCommand(call: Call): Command {
  const command = new Command('investigate')
    .description('since when, from where and by which change the copies of an artifact differ')
    .argument('<artifact>', 'an artifact, or one of its copies as participants@eu');
  addContractOptions(command);
  command.addOption(refOption('git ref of the reviewed copy; default: HEAD'));
  command.addOption(againstOption());
  for (const option of investigateOptions()) command.addOption(option);
  command.addOption(timeoutOption('it', null));
  addJudgeOptions(command, formatReaders(call.registries.outputs, 'investigation'));
  addHelp(command, help);
  return command.action(async (artifact: string, flags: InvestigateFlags) => {
    checkAgainst(command, flags.against);
    const to = await toldTo(call, 'investigation', destinationsOf(command, flags));
    const { investigate } = await import('./investigate.ts');
    const options = {
      ...toJudgeOptions(flags, call.io.environment),
      ...toContractChoice(flags, call.io),
      artifact,
      scope: flags.scope ?? [],
      from: flags.from ?? null,
      to: flags.to ?? null,
      maxVersions: flags.maxVersions ?? null,
      since: flags.since ?? null,
      cache: flags.cache ? 'use' : 'none',
      against: flags.against ?? null,
      runs: flags.runs ?? null,
      given: givenOptions(flags),
    } as const;
    const found = await runHeld(call, (context) => investigate(context, options));
    call.answer(await emit(call, found, flags, to));
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
    orVariable(new Option('--runs <url>', 'what runs did since, from where --record kept them')),
    new Option('--since <time>', 'read object versions from this time on only'),
    orVariable(new Option('--no-cache', 'neither use nor keep what earlier runs read')),
  ];
}

const help = `A point is a VersionId (or how it begins, as the report shows it), a commit, or a time (UTC):
2026-11-01, 2026-11-01T03:00Z, "2 weeks ago", yesterday. A time means the runtime copy of that time;
reviewed:TIME the reviewed one.

Exit codes: 0 in sync, 1 drift, 2 no verdict.

Example:
  keydrift investigate participants --scope id=P-1 --since "2 weeks ago"`;

/**
 * Tells what was established. An error before anything was established is told on stderr, as of
 * any command.
 */
async function emit(
  call: Call,
  found: Investigation,
  flags: InvestigateFlags,
  to: Told<'investigation'>,
): Promise<number> {
  const { io, interrupted } = call;
  const investigation = { ...found, exitCode: interrupted ?? found.exitCode };
  const { artifact, error, exitCode } = investigation;
  if (error !== null && (to.stdout !== 'text' || artifact === null)) tellError(io, error);
  if (artifact !== null && artifact.error !== null) tellOrigin(io, artifact.error);
  const plainly = reportOptions(flags, io);
  const isTold = error !== null && artifact === null && to.stdout === 'text';
  const shown = reportOptions(flags, io, io.stdout);
  const stdout = isTold ? null : to.by(to.stdout)(investigation, shown);
  const files = to.files.map(({ format, ...file }) => ({
    ...file,
    tell: () => to.by(format)(investigation, plainly),
  }));
  return deliver(call, { exitCode, stdout, files });
}

function parseVersions(text: string): number {
  if (!/^[1-9][0-9]{0,8}$/.test(text)) {
    throw new InvalidArgumentError('Expected a whole number, at least 1.');
  }
  return Number(text);
}
