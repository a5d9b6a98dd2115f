import { Command, Option } from 'commander';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { PublishOptions } from './publish.ts';
import { KeydriftError, type PublishPlan } from '../../model/index.ts';
import {
  publicationReporters,
  type PublicationOptions,
  type PublicationReporter,
  type PublishDocument,
} from '../../report/index.ts';
import { askYes, isInteractive } from '../../io/ask.ts';
import type { Io, Output } from '../../io/io.ts';
import { runWithProgress, type Call } from '../call.ts';
import { formatReaders, type Destinations, type OutputFile } from '../formats.ts';
import {
  accessOptions,
  addConfigOption,
  destinationsOf,
  formatOption,
  outputOption,
  refOption,
  toJudgeOptions,
  type RawOptions,
} from '../options.ts';
import { deliver, hasColor, tellError, writeTo } from '../output.ts';

const forms: Readonly<Record<string, PublicationReporter>> = publicationReporters;
const readers = formatReaders(forms);

interface PublishFlags extends Pick<RawOptions, 'ref' | 'endpointUrl' | 'region' | 'profile'> {
  readonly config?: string;
  readonly dryRun?: boolean;
  readonly plan?: string;
  readonly yes?: boolean;
  readonly unconditional?: boolean;
  readonly overwriteUnreviewed?: boolean;
  readonly format: string;
  readonly output?: readonly OutputFile[];
}

/** `keydrift publish ARTIFACT… [--dry-run | --plan FILE] [--yes]`. */
export function publishCommand(call: Call): Command {
  const command = new Command('publish')
    .description('write reviewed copies, each a file of a commit, to their runtime objects')
    .argument(
      '[artifact...]',
      'artifacts, or copies as calendar@eu; with --plan: those of the plan',
    );
  addConfigOption(command);
  const options = [
    refOption('git ref of the reviewed copies; default: HEAD'),
    new Option('--dry-run', 'only plan: exit 1 when there is something to do').conflicts('plan'),
    new Option('--plan <file>', 'apply exactly this plan (--dry-run -o json:FILE), or refuse'),
    new Option('--yes', 'do not ask; needed where there is no terminal'),
    new Option('--overwrite-unreviewed', 'destroy content that is in no reviewed commit'),
    new Option('--unconditional', 'write where a store does not honour conditional writes'),
    formatOption(readers),
    outputOption(readers),
    ...accessOptions(),
  ];
  for (const option of options) command.addOption(option);
  command.addHelpText('after', help);
  return command.action(async (names: string[], flags: PublishFlags) => {
    checkFlags(command, flags, call);
    const to = destinationsOf(command, flags);
    call.answer(await emit(call, await run(names, flags, call), to));
  });
}

const help = `
Plans, asks, and applies. A commit is published, never the working tree, and only if
it keeps its contract. Each write is conditional on what the plan saw, carries its
SHA-256 and the commit as metadata, and is read back. Nothing is written unless
every copy of the plan can be; the first failure ends it.

Exit codes: 0 published or up to date, 1 refused (or --dry-run: something to do),
2 no verdict or somebody else wrote meanwhile, 3 some of each.

  keydrift publish participants --dry-run
  keydrift publish calendar@eu --dry-run -o json:plan.json
  keydrift publish --plan plan.json --yes`;

async function run(
  names: readonly string[],
  flags: PublishFlags,
  call: Call,
): Promise<PublishDocument> {
  const { planPublication, publish } = await import('./publish.ts');
  // Nobody writes to a bucket without a signature.
  const raw = { ...flags, limit: 0, fail: true, signRequest: true };
  const { ref, access, cacheDirectory } = toJudgeOptions(raw, call.io.environment);
  const options: PublishOptions = {
    config: flags.config ?? null,
    names,
    ref,
    access,
    cacheDirectory,
    unconditional: flags.unconditional ?? false,
    overwriteUnreviewed: flags.overwriteUnreviewed ?? false,
    saved: flags.plan === undefined ? null : await readPlan(flags.plan, call.io.workingDirectory),
  };
  return runWithProgress<PublishDocument>(call, (context, progress) => {
    if (flags.dryRun === true) return planPublication(context, options);
    return publish(context, options, (plan) => {
      progress.clear();
      return approve(plan, flags, call);
    });
  });
}

/** Shows the plan and asks, unless `--yes` has answered. */
async function approve(plan: PublishPlan, flags: PublishFlags, { io }: Call): Promise<boolean> {
  if (flags.yes === true) return true;
  await writeTo(io.stderr, publicationReporters.text(plan, shownOn(io, io.stderr)));
  const number = plan.publications.filter(({ action }) => action !== 'none').length;
  return askYes(`Publish ${number === 1 ? 'this copy' : `these ${number} copies`}?`, io);
}

function shownOn(io: Io, stream: Output): PublicationOptions {
  return { width: stream.columns, color: hasColor(io, stream) };
}

function checkFlags(command: Command, flags: PublishFlags, { io }: Call): void {
  if (flags.plan !== undefined) {
    const given = (name: string): boolean => command.getOptionValueSource(name) === 'cli';
    const inPlan = [
      ['ref', '--ref'],
      ['unconditional', '--unconditional'],
      ['overwriteUnreviewed', '--overwrite-unreviewed'],
    ].find(([name = '']) => given(name));
    if (inPlan !== undefined) {
      throw new KeydriftError(
        'USAGE',
        `${inPlan[1]} is part of the plan: it cannot be given with --plan`,
        {
          hint: 'Make another plan with it: keydrift publish ARTIFACT --dry-run -o json:FILE',
        },
      );
    }
  }
  if (flags.dryRun === true || flags.yes === true || isInteractive(io)) return;
  throw new KeydriftError('USAGE', 'there is no terminal to ask on: publish needs --yes here', {
    hint: 'Look first with --dry-run; then say --yes.',
  });
}

async function readPlan(file: string, directory: string): Promise<{ text: string; file: string }> {
  try {
    return { text: await readFile(resolve(directory, file), 'utf8'), file };
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new KeydriftError('PLAN_UNREADABLE', `${file} cannot be read (${reason})`, {
      cause,
      hint: 'A plan is written by: keydrift publish ARTIFACT --dry-run -o json:FILE',
    });
  }
}

async function emit(call: Call, document: PublishDocument, to: Destinations): Promise<number> {
  const { io } = call;
  const { error, exitCode } = document;
  if (error !== null) tellError(io, error);
  const tell = (format: string, options = { width: 80, color: false }): Iterable<string> =>
    forms[format]!(document, options);
  const isTold = error !== null && to.stdout === 'text';
  const stdout = isTold ? null : tell(to.stdout, shownOn(io, io.stdout));
  return deliver(call, { exitCode, stdout, files: to.files, tell });
}
