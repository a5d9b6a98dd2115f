import { Command, InvalidArgumentError, Option } from 'commander';
import type { Shard } from '../../judge/choose.ts';
import { KeydriftError } from '../../model/index.ts';
import type { Reporter } from '../../report/index.ts';
import { runHeld, type Call } from '../call.ts';
import {
  addContractOptions,
  changedSinceOption,
  selectOption,
  toContractChoice,
  type ContractFlags,
} from '../contract-options.ts';
import { formatReaders } from '../formats.ts';
import { givenOptions } from '../given.ts';
import { addHelp } from '../help.ts';
import {
  againstOption,
  addJudgeOptions,
  checkAgainst,
  destinationsOf,
  parseSeconds,
  refOption,
  timeoutOption,
  toJudgeOptions,
  type RawOptions,
} from '../options.ts';
import { emitReport, tellError, toldTo, type Told } from '../output.ts';
import { orVariable } from '../variables.ts';

interface AuditFlags extends RawOptions, ContractFlags {
  readonly proposeAccept?: true;
  readonly cause: boolean;
  readonly against?: string;
  readonly totalTimeout?: number | null;
  readonly concurrency?: number;
  readonly confirm?: number | null;
  readonly shard?: Shard;
  readonly changedSince?: string;
  readonly previous?: string;
  readonly state?: string;
  readonly onlyNew?: true;
}

/** `keydrift audit [ARTIFACT…]`. */
export function auditCommand(call: Call): Command {
  const command = new Command('audit')
    .description('compare every runtime copy of the contract with its reviewed copy')
    .argument('[artifact...]', 'artifacts, or copies as participants@eu; default: all');
  addContractOptions(command);
  command.addOption(selectOption());
  command.addOption(refOption('git ref of the reviewed copies; default: HEAD'));
  command.addOption(againstOption());
  command.addOption(
    new Option('--propose-accept', 'print `accept` of what is found now, as YAML for the contract'),
  );
  command.addOption(new Option('--no-cause', 'do not ask the history why a copy drifted'));
  command.addOption(timeoutOption('one copy', '10m'));
  command.addOption(
    orVariable(
      new Option('--total-timeout <time>', 'bounds the whole audit; default: none').argParser(
        parseSeconds,
      ),
    ),
  );
  for (const option of fleetOptions()) command.addOption(option);
  addHelp(command, help);
  addJudgeOptions(command, formatReaders(call.registries.outputs, 'report'));
  return command.action(async (names: string[], raw: AuditFlags) => {
    checkAgainst(command, raw.against);
    if (raw.onlyNew === true && raw.previous === undefined && raw.state === undefined) {
      throw new KeydriftError('USAGE', '--only-new needs to know what was found before', {
        hint: 'Add --previous report.json, or --state s3://BUCKET/KEY.',
      });
    }
    if (raw.proposeAccept === true && command.getOptionValueSource('format') === 'cli') {
      throw new KeydriftError('USAGE', 'stdout gets the YAML of --propose-accept', {
        hint: `Leave --format out. For a report as well: -o ${raw.format}:FILE`,
      });
    }
    const asked = await toldTo(call, 'report', destinationsOf(command, raw));
    const to = raw.proposeAccept === true ? await withProposal(call, asked) : asked;
    const { audit } = await import('./audit.ts');
    const { against = null } = raw;
    const judge = toJudgeOptions(raw, call.io.environment);
    const options = {
      ...judge,
      ...toContractChoice(raw, call.io),
      against,
      names,
      acceptance: raw.proposeAccept === true ? 'propose' : 'apply',
      cause: raw.cause ? 'find' : 'none',
      totalTimeout: raw.totalTimeout ?? null,
      concurrency: raw.concurrency ?? null,
      confirm: raw.confirm ?? null,
      shard: raw.shard ?? null,
      changedSince: raw.changedSince ?? null,
      previous: raw.previous ?? null,
      state: raw.state ?? null,
      onlyNew: raw.onlyNew === true ? 'only new' : 'all',
      onStateFault: (error: KeydriftError) => tellError(call.io, error),
      given: givenOptions(raw),
    } as const;
    const report = await runHeld(call, (context) => audit(context, options));
    call.answer(await emitReport(call, report, raw, to));
  });
}

/** What is of use where there are many artifacts. */
function fleetOptions(): readonly Option[] {
  const concurrency = new Option('--concurrency <number>', 'copies judged at once; default: 32');
  const shard = new Option('--shard <part/of>', 'one part of the artifacts, 3/16, by their names');
  const confirm = new Option(
    '--confirm <time>',
    'judge what drifted once more after that time, before it is told: releases take a while',
  );
  return [
    orVariable(concurrency.argParser(parseConcurrency)),
    orVariable(confirm.argParser(parseSeconds)),
    shard.argParser(parseShard),
    changedSinceOption(),
    new Option('--previous <report>', 'tell what is new since that report: a file, or s3://…'),
    new Option('--state <url>', 'keep what was found for the next time, s3://BUCKET/KEY'),
    new Option('--only-new', 'drift that was found before does not fail; summaries say so'),
  ];
}

function parseConcurrency(text: string): number {
  const number = /^[0-9]{1,4}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= 1000) return number;
  throw new InvalidArgumentError('Expected a whole number from 1 to 1000.');
}

function parseShard(text: string): Shard {
  const [, part, of] = /^([0-9]{1,4})\/([0-9]{1,4})$/.exec(text) ?? [];
  const shard = { part: Number(part), of: Number(of) };
  if (shard.part >= 1 && shard.part <= shard.of) return shard;
  throw new InvalidArgumentError('Expected PART/OF such as 3/16; parts count from 1.');
}

/** Stdout gets the YAML. */
async function withProposal(call: Call, to: Told<'report'>): Promise<Told<'report'>> {
  const yaml = await toldTo(call, 'proposal', { stdout: 'accept-yaml', files: [] });
  const by = (format: string): Reporter => (format === yaml.stdout ? yaml : to).by(format);
  return { stdout: yaml.stdout, files: to.files, by };
}

const help = `
Examples:
  keydrift audit
  keydrift audit participants calendar@eu -o json:drift.json -o html:drift.html
  keydrift audit 'lookups.*' --select owner=data-platform@example.org --quiet

Exit codes: 0 in sync, 1 drift, 2 no verdict, 3 both.`;
