import { Command, InvalidArgumentError, Option } from 'commander';
import type { BundleRun } from './bundle.ts';
import { describeBundle } from '../../report/index.ts';
import {
  accessOptions,
  addConfigOption,
  refOption,
  toJudgeOptions,
  type RawOptions,
} from '../options.ts';
import { emitReport, writeStdout, writeText } from '../output.ts';
import { runWithProgress } from '../run-judgement.ts';

interface BundleFlags extends Pick<
  RawOptions,
  'ref' | 'endpointUrl' | 'region' | 'profile' | 'limit'
> {
  readonly out: string;
  readonly config?: string;
  readonly history?: number;
  readonly format: 'text' | 'json';
}

/** `keydrift bundle [ARTIFACT…] --out DIR`. */
export function bundleCommand(): Command {
  const command = new Command('bundle')
    .description(
      'write the reviewed copies of a commit to a directory or a prefix, with a manifest',
    )
    .argument('[artifact...]', 'artifacts; default: all')
    .requiredOption('--out <place>', 'a directory, or s3://bucket/prefix');
  addConfigOption(command);
  command.addOption(refOption('the commit to bundle, contract included; default: HEAD'));
  command.addOption(
    new Option('--history <time>', 'carry also the versions in force then: 30m, 2h, 1d')
      .env('KEYDRIFT_HISTORY')
      .argParser(parseSeconds),
  );
  command.addOption(
    new Option('--format <format>', 'what stdout gets: text, or json (the manifest)')
      .choices(['text', 'json'])
      .default('text')
      .env('KEYDRIFT_FORMAT'),
  );
  for (const option of accessOptions()) command.addOption(option);
  command.addHelpText('after', `\n${help}`);
  return command.action(async (names: string[], flags: BundleFlags) => {
    const { bundle } = await import('./bundle.ts');
    const raw: RawOptions = { ...flags, limit: flags.limit ?? 20, fail: true, signRequest: true };
    const { ref, cacheDirectory, ...judge } = toJudgeOptions(raw);
    // Nobody writes to a bucket without a signature.
    const access = { ...judge.access, anonymous: false };
    const { out, config = null, history: historySeconds = null } = flags;
    const options = { names, out, ref, config, historySeconds, access, cacheDirectory };
    await emitBundle(await runWithProgress((context) => bundle(context, options)), raw, flags);
  });
}

const help = `The contract is read at the same commit, and stands in the manifest as it was written there.
A reviewed copy that breaks its own contract is refused: exit 1, nothing is written.

Exit codes: 0 written, 1 a reviewed copy breaks its contract, 2 usage, configuration, access.`;

/** The manifest, or its summary; where none was written, the report that says why. */
async function emitBundle(
  { report, written }: BundleRun,
  raw: RawOptions,
  { format }: BundleFlags,
): Promise<void> {
  if (written === null) {
    await emitReport(report, raw);
    if (report.error === null) writeText(process.stderr, 'keydrift: nothing was written\n');
    return;
  }
  process.exitCode = report.exitCode;
  const { manifest, text, ...at } = written;
  const shown = format === 'json' ? text : describeBundle(manifest, at);
  await writeStdout([shown]);
}

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

function parseSeconds(text: string): number {
  const [, number, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (number === undefined)
    throw new InvalidArgumentError('Expected a time such as 30m, 2h or 1d.');
  return Number(number) * (unitSeconds[unit] ?? 0);
}
