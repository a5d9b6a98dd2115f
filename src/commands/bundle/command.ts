import { durationExpected, parseDuration } from '../../model/index.ts';
import { tellNote } from '../log.ts';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { BundleRun } from './bundle.ts';
import {
  accessOptions,
  formatOption,
  refOption,
  toJudgeOptions,
  type RawOptions,
} from '../options.ts';
import {
  addContractOptions,
  selectOption,
  toContractChoice,
  type ContractFlags,
} from '../contract-options.ts';
import { runWithProgress, type Call } from '../call.ts';
import { formatReaders } from '../formats.ts';
import { givenOptions } from '../given.ts';
import { deliver, emitReport, toldTo, type Told } from '../output.ts';
import { orVariable } from '../variables.ts';
import { addHelp } from '../help.ts';

interface BundleFlags
  extends ContractFlags, Pick<RawOptions, 'ref' | 'endpointUrl' | 'region' | 'profile' | 'limit'> {
  readonly out: string;
  readonly history?: number;
  readonly format: string;
}

/** `keydrift bundle [ARTIFACT…] --out DIR`. */
export function bundleCommand(call: Call): Command {
  const command = new Command('bundle')
    .description(
      'write the reviewed copies of a commit to a directory or a prefix, with a manifest',
    )
    .argument('[artifact...]', 'artifacts; default: all')
    .requiredOption('--out <place>', 'a directory, or s3://bucket/prefix');
  addContractOptions(command);
  command.addOption(selectOption());
  command.addOption(refOption('the commit to bundle, contract included; default: HEAD'));
  command.addOption(
    orVariable(
      new Option(
        '--history <time>',
        'carry also the versions in force then: 30m, 2h, 1d',
      ).argParser(parseHistory),
    ),
  );
  command.addOption(formatOption(formatReaders(call.registries.outputs, 'bundle', 'report')));
  for (const option of accessOptions()) command.addOption(option);
  addHelp(command, help);
  return command.action(async (names: string[], flags: BundleFlags) => {
    const place = { stdout: flags.format, files: [] };
    const to = {
      made: await toldTo(call, 'bundle', place),
      refused: await toldTo(call, 'report', place),
    };
    const { bundle } = await import('./bundle.ts');
    const raw: RawOptions = { ...flags, fail: true, signRequest: true };
    const { ref, cacheDirectory, ...judge } = toJudgeOptions(raw, call.io.environment);
    // Nobody writes to a bucket without a signature.
    const access = { ...judge.access, anonymous: false };
    const { out, history: historySeconds = null } = flags;
    const choice = toContractChoice(flags, call.io);
    const options = { ...choice, names, out, ref, historySeconds, access, cacheDirectory };
    const made = await runWithProgress(call, (context) => bundle(context, options));
    call.answer(await emitBundle(call, made, raw, to));
  });
}

const help = `The contract is read at the same commit, and stands in the manifest as it was written there.
A reviewed copy that breaks its own contract is refused: exit 1, nothing is written.

Examples:
  keydrift bundle --out build/support
  keydrift bundle participants --out s3://releases/jobs/v1.4.0/ --history 30m

Exit codes: 0 written, 1 a reviewed copy breaks its contract, 2 usage, configuration, access.`;

/** The manifest, or its summary; where none was written, the report that says why. */
async function emitBundle(
  call: Call,
  { report, written }: BundleRun,
  raw: RawOptions,
  { made, refused }: { readonly made: Told<'bundle'>; readonly refused: Told<'report'> },
): Promise<number> {
  if (written === null) {
    const code = await emitReport(call, report, raw, refused);
    if (report.error === null) tellNote(call.io, 'nothing was written');
    return code;
  }
  const stdout = [
    made.by(made.stdout)(
      { ...written, given: givenOptions(raw) },
      { width: call.io.stdout.columns },
    ),
  ];
  return deliver(call, { exitCode: report.exitCode, stdout, files: [] });
}

function parseHistory(text: string): number {
  const seconds = parseDuration(text);
  if (seconds === null) throw new InvalidArgumentError(`Expected ${durationExpected}.`);
  return seconds;
}
