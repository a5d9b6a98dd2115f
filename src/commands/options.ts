import { InvalidArgumentError, Option, type Command } from 'commander';
import { parse } from 'csv-parse/sync';
import type { JudgeOptions } from '../judge/options.ts';
import { KeydriftError, policyKinds, type PolicyKind } from '../model/index.ts';
import { cacheDirectory } from '../io/cache-directory.ts';
import { isSwitchedOn } from '../io/environment.ts';
import { reporters } from '../report/index.ts';
import { formatReaders, type FormatName, type FormatReaders, type OutputFile } from './formats.ts';

/** The options of every judging command, as commander hands them over. */
export interface RawOptions<F extends string = FormatName> {
  readonly ref?: string;
  readonly format: F;
  readonly output?: readonly OutputFile<F>[];
  readonly limit: number;
  readonly failOn?: ReadonlySet<PolicyKind>;
  readonly fail: boolean;
  readonly quiet?: boolean;
  readonly endpointUrl?: string;
  readonly region?: string;
  readonly profile?: string;
  readonly signRequest: boolean;
}

const ofReports = formatReaders(reporters);

/**
 * Adds the common options (SPEC §4), with the forms that the command tells. Flag > environment >
 * contract > default.
 */
export function addJudgeOptions(command: Command, forms: FormatReaders = ofReports): Command {
  command.addOption(
    new Option('--format <format>', `what stdout gets: ${forms.names.join(', ')}`)
      .env('KEYDRIFT_FORMAT')
      .default('text')
      .argParser(forms.parseFormat),
  );
  return addCommonOptions(command, forms);
}

/** Adds the common options of a command whose stdout is not its own. */
export function addCommonOptions(
  command: Command,
  { parseOutput }: FormatReaders = ofReports,
): Command {
  const options = [
    new Option('-o, --output <format:file>', 'write a report to a file as well; may be repeated')
      .env('KEYDRIFT_OUTPUT')
      .argParser(parseOutput),
    new Option('--limit <number>', 'findings shown for each artifact; JSON has all')
      .env('KEYDRIFT_LIMIT')
      .default(20)
      .argParser(parseCount),
    new Option('--fail-on <kinds>', 'replace the policy: these kinds fail, others warn')
      .env('KEYDRIFT_FAIL_ON')
      .argParser(parseKinds),
    new Option('--no-fail', 'report only: drift exits 0, and every summary says so'),
    new Option('--quiet', 'tell only what is not in sync (env: KEYDRIFT_QUIET)'),
    ...accessOptions(),
    new Option(
      '--no-sign-request',
      'read public buckets without credentials (env: KEYDRIFT_NO_SIGN_REQUEST)',
    ),
  ];
  for (const option of options) command.addOption(option);
  return command;
}

/** How to show, and how to reach S3: of every command. */
export function accessOptions(): Option[] {
  return [
    new Option('--no-color', 'plain text (env: KEYDRIFT_NO_COLOR, NO_COLOR)'),
    new Option('--endpoint-url <url>', 'S3 endpoint').env('KEYDRIFT_ENDPOINT_URL'),
    new Option('--region <region>', 'S3 region').env('KEYDRIFT_REGION'),
    new Option('--profile <profile>', 'AWS profile').env('KEYDRIFT_PROFILE'),
  ];
}

/** Adds the options of commands that read a contract. */
export function addConfigOption(command: Command): Command {
  return command.addOption(
    new Option('--config <file>', 'the contract; default: keydrift.yaml here or above').env(
      'KEYDRIFT_CONFIG',
    ),
  );
}

/** `--ref`, whose default each command explains. */
export function refOption(description: string): Option {
  return new Option('--ref <ref>', description).env('KEYDRIFT_REF');
}

/** `--against`, of commands that may find the reviewed copies in a bundle. */
export function againstOption(): Option {
  return new Option(
    '--against <bundle>',
    'the reviewed copies of a bundle, bundle:DIR or bundle:s3://bucket/prefix, instead of git',
  ).env('KEYDRIFT_AGAINST');
}

/** Throws `USAGE` for a ref beside a bundle on one command line: nothing is ignored in silence. */
export function checkAgainst(command: Command, against: string | undefined): void {
  if (against === undefined || command.getOptionValueSource('ref') !== 'cli') return;
  throw new KeydriftError(
    'USAGE',
    '--ref names a commit, and --against a bundle that was made of one',
    {
      hint: 'Leave out one of the two. To read git where KEYDRIFT_AGAINST is set: env -u KEYDRIFT_AGAINST keydrift …',
    },
  );
}

/** What commander parsed, as the application takes it. */
export function toJudgeOptions(raw: Omit<RawOptions, 'format' | 'output'>): JudgeOptions {
  return {
    ref: raw.ref ?? 'HEAD',
    access: {
      endpoint: raw.endpointUrl ?? null,
      region: raw.region ?? null,
      profile: raw.profile ?? null,
      expectedOwner: null,
      anonymous: !raw.signRequest || isSwitchedOn('KEYDRIFT_NO_SIGN_REQUEST'),
    },
    failOn: raw.failOn ?? null,
    enforced: raw.fail,
    cacheDirectory: cacheDirectory(),
  };
}

/** Column names as one CSV record: `a,"b,c"` is two. */
export function parseColumns(text: string, before?: readonly string[]): readonly string[] {
  let records: string[][];
  try {
    records = parse(text);
  } catch {
    throw new InvalidArgumentError('Expected column names with commas between them.');
  }
  const columns = [...(before ?? []), ...(records[0] ?? [])];
  if (records.length > 1 || columns.includes('')) {
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
