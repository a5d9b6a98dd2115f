import { Command, Option } from 'commander';
import { KeydriftError, nearestHint, shellQuote } from '../../model/index.ts';
import { runHeld, type Call } from '../call.ts';
import {
  addJudgeOptions,
  destinationsOf,
  parseColumns,
  refOption,
  timeoutOption,
  toJudgeOptions,
  type RawOptions,
} from '../options.ts';
import type { DiffOptions } from './diff.ts';
import { addContractOptions, toContractChoice, type ContractFlags } from '../contract-options.ts';
import { formatReaders } from '../formats.ts';
import { spoolStdin, type Spooled } from '../stdin.ts';
import { parseCsv, parseNormalize, type CsvTerm, type NormalizeTerm } from './words.ts';
import { emitReport, toldTo } from '../output.ts';
import { addHelp } from '../help.ts';

interface DiffFlags extends RawOptions, ContractFlags {
  readonly contract?: string;
  readonly key?: readonly string[];
  readonly consumes?: readonly string[];
  readonly descriptive?: readonly string[];
  readonly optional?: readonly string[];
  readonly normalize?: readonly NormalizeTerm[];
  readonly csv?: readonly CsvTerm[];
  readonly parts?: string;
  readonly complete?: string;
}

/** `keydrift diff REVIEWED RUNTIME --key a,b [--consumes c,d | --descriptive e]`, or `--contract p`. */
export function diffCommand(call: Call): Command {
  const command = new Command('diff')
    .description('compare any two locations, no contract needed')
    .argument(
      '<reviewed>',
      'a path in git at --ref, git:REF:PATH, file:PATH or s3://bucket/key; - is stdin',
    )
    .argument('<runtime>', 'a file, s3://bucket/key[?versionId=ID] or git:REF:PATH; - is stdin')
    .addOption(
      new Option('--contract <artifact>', 'judge them by this artifact of the contract').conflicts([
        'key',
        'consumes',
        'descriptive',
        'optional',
        'normalize',
        'csv',
      ]),
    )
    .addOption(new Option('--key <columns>', 'key columns: a,b').argParser(parseColumns))
    .addOption(
      new Option('--consumes <columns>', 'consumed columns; default: all but the key')
        .argParser(parseConsumed)
        .conflicts('descriptive'),
    )
    .addOption(
      new Option('--descriptive <columns>', 'columns that never count').argParser(parseDescriptive),
    )
    .addOption(
      new Option('--optional <columns>', 'key columns that may be empty').argParser(parseColumns),
    )
    .addOption(
      new Option(
        '--normalize <column=step>',
        'steps as a contract has them, weight=trim,{decimal: 2}; may be repeated',
      ).argParser(parseNormalize),
    )
    .addOption(
      new Option(
        '--csv <words>',
        "how both are written: 'delimiter=;,quote=none,names=a,b'",
      ).argParser(parseCsv),
    )
    .addOption(
      new Option(
        '--parts <glob>',
        'files of a folder (a location with a / at its end) as one copy',
      ),
    )
    .addOption(new Option('--complete <name>', 'the file without which the folder is not complete'))
    .addOption(refOption('git ref of a reviewed path; default: HEAD'));
  addContractOptions(command);
  command.addOption(timeoutOption('it', '10m'));
  addJudgeOptions(command, formatReaders(call.registries.outputs, 'report'));
  addHelp(command, help);
  return command.action(async (reviewed: string, runtime: string, raw: DiffFlags) => {
    const { consumes = null, descriptive = [], contract: artifact } = raw;
    const key =
      artifact === undefined
        ? checkKey(raw.key ?? [], [...(consumes ?? []), ...descriptive], [reviewed, runtime])
        : [];
    const to = await toldTo(call, 'report', destinationsOf(command, raw));
    const { diff } = await import('./diff.ts');
    const judge = toJudgeOptions(raw, call.io.environment);
    const choice = toContractChoice(raw, call.io);
    const contract = artifact === undefined ? {} : { contract: { ...judge, ...choice, artifact } };
    const { optional = [], normalize = [], csv = [] } = raw;
    checkOptional(optional, key);
    const { limits = {}, redact } = choice;
    const words = { key, consumes, descriptive, optional, normalize, csv, limits, redact };
    const spooled = await spoolSide([reviewed, runtime], call, raw);
    const stdin = spooled === null ? {} : { stdin: spooled.location };
    const folder = folderOf(raw, [reviewed, runtime]);
    const options = { ...judge, reviewed, runtime, ...words, ...folder, ...contract, ...stdin };
    try {
      const report = await runHeld(call, (context) => diff(context, options));
      call.answer(await emitReport(call, report, raw, to));
    } finally {
      spooled?.remove();
    }
  });
}

/** `--parts` and `--complete` speak of locations with a `/` at their end. */
function folderOf(
  { parts, complete }: Pick<DiffFlags, 'parts' | 'complete'>,
  locations: readonly string[],
): Pick<DiffOptions, 'folder'> {
  if (parts === undefined && complete === undefined) return {};
  if (parts === undefined) {
    throw new KeydriftError('USAGE', '--complete needs the files that are parts: --parts "*.csv"');
  }
  if (!locations.some((location) => location.endsWith('/'))) {
    throw new KeydriftError('USAGE', '--parts without meaning: no location has a "/" at its end');
  }
  return { folder: { parts, ...(complete === undefined ? {} : { complete }) } };
}

/** `--consumes ''` means none, as `consumes: []` does. */
function parseConsumed(text: string, before?: readonly string[]): readonly string[] {
  return text === '' ? (before ?? []) : parseColumns(text, before);
}

/** `--descriptive ''` is the one column without a name, such as a data frame's index. */
function parseDescriptive(text: string, before?: readonly string[]): readonly string[] {
  return text === '' ? [...(before ?? []), ''] : parseColumns(text, before);
}

/** What came on stdin, where a side is `-`; null: neither is. Throws `USAGE`. */
async function spoolSide(
  sides: readonly string[],
  call: Call,
  { limits = {}, timeout }: Pick<DiffFlags, 'limits' | 'timeout'>,
): Promise<Spooled | null> {
  const streams = sides.filter((side) => side === '-');
  if (streams.length > 1) throw new KeydriftError('USAGE', 'only one side can be stdin');
  return streams.length === 0 ? null : await spoolStdin(call, limits, timeout ?? null);
}

function checkOptional(optional: readonly string[], key: readonly string[]): void {
  const other = optional.find((column) => !key.includes(column));
  if (other === undefined) return;
  const message = `--optional ${other}: it is no key column, and only those must have a value`;
  throw new KeydriftError('USAGE', message, { hint: nearestHint(other, key) });
}

function checkKey(
  key: readonly string[],
  others: readonly string[],
  files: readonly string[],
): readonly string[] {
  if (key.length === 0) {
    throw new KeydriftError('USAGE', 'diff needs the columns that name a unit of work: --key a,b', {
      hint: {
        text: 'For example',
        command: `keydrift diff ${files.map(shellQuote).join(' ')} --key COLUMN`,
      },
    });
  }
  const both = key.find((column) => others.includes(column));
  if (both === undefined) return key;
  throw new KeydriftError('USAGE', `column ${both} cannot be a key column and something else`);
}

const help = `
Examples:
  keydrift diff old.csv new.csv --key participant_id,region
  keydrift diff git:main:s/p.csv s3://prod/s/p.csv --contract participants
  aws s3 cp s3://b/p.csv - | keydrift diff s/p.csv - --key id --csv quote=none

Exit codes: 0 alike, 1 drift, 2 no verdict.`;
