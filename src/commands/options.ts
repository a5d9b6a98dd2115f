import { InvalidArgumentError, Option, type Command } from 'commander';
import type { JudgeOptions } from '../judge/options.ts';
import {
  durationExpected,
  KeydriftError,
  parseDuration,
  policyKinds,
  type PolicyKind,
  type Environment,
} from '../model/index.ts';
import { cacheDirectory } from '../io/cache-directory.ts';
import { cellsOf } from './cells.ts';
import { destinations, type Destinations, type FormatReaders, type OutputFile } from './formats.ts';
import { logOptions } from './log.ts';
import { orVariable } from './variables.ts';

/** The options of every judging command, as commander hands them over. */
export interface RawOptions {
  readonly ref?: string;
  readonly format: string;
  readonly output?: readonly OutputFile[];
  readonly limit?: number;
  readonly maxFindings?: number;
  readonly failOn?: ReadonlySet<PolicyKind>;
  readonly fail: boolean;
  readonly quiet?: boolean;
  readonly endpointUrl?: string;
  readonly region?: string;
  readonly profile?: string;
  readonly signRequest: boolean;
  /** Seconds; null: none. */
  readonly timeout?: number | null;
}

/** Adds the common options (SPEC §4). Flag > environment > contract > default. */
export function addJudgeOptions(command: Command, readers: FormatReaders): Command {
  command.addOption(formatOption(readers));
  return addCommonOptions(command, readers);
}

/** `--format`, for the forms that a command has. */
export function formatOption({ names, parseFormat }: FormatReaders): Option {
  const option = new Option('--format <format>', `what stdout gets: ${names.join(', ')}`);
  return orVariable(option.default('text').argParser(parseFormat));
}

/** `-o`, for the forms that a command has. */
export function outputOption({ parseOutput }: FormatReaders): Option {
  const option = new Option(
    '-o, --output <format:file>',
    'write a report to a file as well, - is stdout; may be repeated',
  );
  return orVariable(option.argParser(parseOutput));
}

/** `--quiet`, alike in all commands that tell reports. */
export function quietOption(): Option {
  const description = 'leave out what is in sync and has nothing else to say';
  return orVariable(new Option('-q, --quiet', description));
}

/** Adds the common options of a command whose stdout is not its own. */
export function addCommonOptions(command: Command, forms: FormatReaders): Command {
  const options = [
    outputOption(forms),
    limitOption(
      'findings shown for each artifact (JSON has all that are listed); where it is not said, more than 30 artifacts are told on one screen',
    ),
    maxFindingsOption(),
    new Option('--fail-on <kinds>', 'replace the policy: these kinds fail, others warn').argParser(
      parseKinds,
    ),
    new Option('--no-fail', 'report only: drift exits 0, and every summary says so'),
    quietOption(),
    ...accessOptions(),
    orVariable(new Option('--no-sign-request', 'read public buckets without credentials')),
  ];
  for (const option of options) command.addOption(option);
  return command;
}

/** How to show, and how to reach S3: of every command. */
export function accessOptions(): Option[] {
  return [
    new Option('--no-color', 'plain text (env: KEYDRIFT_NO_COLOR, NO_COLOR)'),
    orVariable(new Option('--endpoint-url <url>', 'S3 endpoint')),
    orVariable(new Option('--region <region>', 'S3 region')),
    orVariable(new Option('--profile <profile>', 'AWS profile')),
    ...logOptions(),
  ];
}

/** `--limit`: how much of each artifact a person is shown. */
export function limitOption(description: string): Option {
  const option = new Option('--limit <number>', `${description}; default: 20`).argParser(
    parseCount,
  );
  return orVariable(option);
}

/** `--timeout`; `what` it bounds, and the default in words that `parseSeconds` takes, or none. */
export function timeoutOption(what: string, usual: string | null): Option {
  const option = new Option('--timeout <time>', `no verdict where ${what} takes longer`);
  option.argParser(parseSeconds);
  if (usual !== null) option.default(parseSeconds(usual), usual);
  return orVariable(option);
}

/** Seconds of a duration; null: `none`. */
export function parseSeconds(text: string): number | null {
  if (text === 'none') return null;
  const seconds = parseDuration(text);
  if (seconds !== null && seconds > 0) return seconds;
  throw new InvalidArgumentError(`Expected ${durationExpected}, or none.`);
}

/** `--max-findings`: how much of each artifact a report lists at all. */
function maxFindingsOption(): Option {
  const option = new Option(
    '--max-findings <number>',
    'findings listed of each kind and side, 0 for all (JSON only); default: 20000, or the contract’s',
  );
  return orVariable(option.argParser(parseCount));
}

/** `--ref`, whose default each command explains. */
export function refOption(description: string): Option {
  return orVariable(new Option('--ref <ref>', description));
}

/** `--against`, of commands that may find the reviewed copies in a bundle. */
export function againstOption(): Option {
  return orVariable(
    new Option(
      '--against <bundle>',
      'the reviewed copies of a bundle, bundle:DIR or bundle:s3://bucket/prefix, instead of git',
    ),
  );
}

/** Where the reports of a command line go. Throws `USAGE`. */
export function destinationsOf(
  command: Command,
  { format, output = [], maxFindings }: Pick<RawOptions, 'format' | 'output' | 'maxFindings'>,
): Destinations {
  const to = destinations(format, output, command.getOptionValueSource('format') === 'cli');
  checkBound(maxFindings, [to.stdout, ...to.files.map((file) => file.format)]);
  return to;
}

/** Throws `USAGE` where all findings were to be told in a form that takes them whole. */
export function checkBound(maxFindings: number | undefined, forms: readonly string[]): void {
  const other = forms.find((form) => form !== 'json');
  if (maxFindings !== 0 || other === undefined) return;
  throw new KeydriftError('USAGE', `--max-findings 0 lists all findings, and ${other} cannot`, {
    hint: 'JSON is written as it goes: --format json, and no other output. Or name a bound.',
  });
}

/** Throws `USAGE` for a ref beside a bundle on one command line: nothing is ignored in silence. */
export function checkAgainst(command: Command, against: string | undefined): void {
  if (against === undefined || command.getOptionValueSource('ref') !== 'cli') return;
  throw new KeydriftError(
    'USAGE',
    '--ref names a commit, and --against a bundle that was made of one',
    {
      hint: {
        text: 'Leave out one of the two. To read git where KEYDRIFT_AGAINST is set',
        command: 'unset KEYDRIFT_AGAINST',
      },
    },
  );
}

/** What commander parsed, as the application takes it. */
export function toJudgeOptions(
  raw: Omit<RawOptions, 'format' | 'output'>,
  environment: Environment,
): JudgeOptions {
  return {
    ref: raw.ref ?? 'HEAD',
    access: {
      endpoint: raw.endpointUrl ?? null,
      region: raw.region ?? null,
      profile: raw.profile ?? null,
      expectedOwner: null,
      anonymous: !raw.signRequest,
    },
    failOn: raw.failOn ?? null,
    enforced: raw.fail,
    maxFindings: raw.maxFindings ?? null,
    cacheDirectory: cacheDirectory(environment),
    timeout: raw.timeout ?? null,
  };
}

/** Column names as one CSV record: `a,"b,c"` is two. */
export function parseColumns(text: string, before?: readonly string[]): readonly string[] {
  const cells = cellsOf(text);
  const columns = [...(before ?? []), ...(cells ?? [])];
  if (cells === null || columns.includes('')) {
    throw new InvalidArgumentError('Expected column names with commas between them.');
  }
  const repeated = columns.find((column, index) => columns.indexOf(column) !== index);
  if (repeated !== undefined) throw new InvalidArgumentError(`${repeated} is named twice.`);
  return columns;
}

function parseCount(text: string): number {
  if (!/^[0-9]{1,9}$/.test(text)) throw new InvalidArgumentError('Expected a whole number.');
  return Number(text);
}

function parseKinds(text: string): ReadonlySet<PolicyKind> {
  const kinds = text.split(',').map((kind) => kind.trim());
  return new Set(
    kinds.map((kind) => {
      const known = policyKinds.find((candidate) => candidate === kind);
      if (known === undefined) {
        throw new InvalidArgumentError(`Expected kinds of ${policyKinds.join(', ')}.`);
      }
      return known;
    }),
  );
}
