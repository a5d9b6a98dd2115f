import { Command, Option } from 'commander';
import { readFile } from 'node:fs/promises';
import type { AppContext } from '../../judge/context.ts';
import type { PublishOptions } from './publish.ts';
import { KeydriftError, type PublishPlan } from '../../model/index.ts';
import { publicationReporters, type PublishDocument } from '../../report/index.ts';
import { askYes, isInteractive } from '../../io/ask.ts';
import { formatReaders, type OutputFile } from '../formats.ts';
import {
  accessOptions,
  addConfigOption,
  refOption,
  toJudgeOptions,
  type RawOptions,
} from '../options.ts';
import { tellError, writeFile, writeStdout, writeText } from '../output.ts';
import { createProgress } from '../../io/progress.ts';
import { hasColor } from '../../io/terminal.ts';
import { version } from '../../io/version.ts';

const forms = formatReaders(publicationReporters);
type FormatName = keyof typeof publicationReporters;

interface PublishFlags extends Pick<RawOptions, 'ref' | 'endpointUrl' | 'region' | 'profile'> {
  readonly config?: string;
  readonly dryRun?: boolean;
  readonly plan?: string;
  readonly yes?: boolean;
  readonly unconditional?: boolean;
  readonly overwriteUnreviewed?: boolean;
  readonly format: FormatName;
  readonly output?: readonly OutputFile<FormatName>[];
}

/** `keydrift publish ARTIFACT… [--dry-run | --plan FILE] [--yes]`. */
export function publishCommand(): Command {
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
    new Option('--format <format>', 'what stdout gets: text or json')
      .env('KEYDRIFT_FORMAT')
      .default('text')
      .argParser(forms.parseFormat),
    new Option('-o, --output <format:file>', 'write the plan or result to a file; may be repeated')
      .env('KEYDRIFT_OUTPUT')
      .argParser(forms.parseOutput),
    ...accessOptions(),
  ];
  for (const option of options) command.addOption(option);
  command.addHelpText('after', help);
  return command.action(async (names: string[], flags: PublishFlags) => {
    checkFlags(command, flags);
    const document = await run(names, flags);
    await emit(document, flags);
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

async function run(names: readonly string[], flags: PublishFlags): Promise<PublishDocument> {
  const { planPublication, publish } = await import('./publish.ts');
  const { ref, access, cacheDirectory } = toJudgeOptions({
    ...flags,
    limit: 0,
    fail: true,
    // Nobody writes to a bucket without a signature.
    signRequest: true,
  });
  const options: PublishOptions = {
    config: flags.config ?? null,
    names,
    ref,
    access,
    cacheDirectory,
    unconditional: flags.unconditional ?? false,
    overwriteUnreviewed: flags.overwriteUnreviewed ?? false,
    saved: flags.plan === undefined ? null : await readPlan(flags.plan),
  };
  const progress = createProgress(process.stderr);
  const context: AppContext = {
    version,
    workingDirectory: process.cwd(),
    environment: process.env,
    now: () => new Date(),
    progress: (done, total, name) => progress.show(done, total, name),
  };
  try {
    if (flags.dryRun === true) return await planPublication(context, options);
    return await publish(context, options, (plan) => {
      progress.clear();
      return approve(plan, flags);
    });
  } finally {
    progress.clear();
  }
}

/** Shows the plan and asks, unless `--yes` has answered. */
async function approve(plan: PublishPlan, flags: PublishFlags): Promise<boolean> {
  if (flags.yes === true) return true;
  const width = process.stderr.columns ?? 80;
  const color = hasColor(process.stderr);
  writeText(process.stderr, [...publicationReporters.text(plan, { width, color })].join(''));
  const number = plan.publications.filter(({ action }) => action !== 'none').length;
  return askYes(`Publish ${number === 1 ? 'this copy' : `these ${number} copies`}?`, {
    input: process.stdin,
    output: process.stderr,
  });
}

function checkFlags(command: Command, flags: PublishFlags): void {
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
  if (flags.dryRun === true || flags.yes === true || isInteractive()) return;
  throw new KeydriftError('USAGE', 'there is no terminal to ask on: publish needs --yes here', {
    hint: 'Look first with --dry-run; then say --yes.',
  });
}

async function readPlan(file: string): Promise<{ text: string; file: string }> {
  try {
    return { text: await readFile(file, 'utf8'), file };
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new KeydriftError('PLAN_UNREADABLE', `${file} cannot be read (${reason})`, {
      cause,
      hint: 'A plan is written by: keydrift publish ARTIFACT --dry-run -o json:FILE',
    });
  }
}

async function emit(document: PublishDocument, flags: PublishFlags): Promise<void> {
  process.exitCode = document.exitCode;
  if (document.error !== null) tellError(document.error);
  // Before the files: where one cannot be written, what was done is told all the same.
  if (document.error === null || flags.format !== 'text') {
    const width = process.stdout.columns ?? 80;
    const color = hasColor(process.stdout);
    await writeStdout(publicationReporters[flags.format](document, { width, color }));
  }
  for (const { format, file } of flags.output ?? []) {
    await writeFile(file, publicationReporters[format](document, { width: 80, color: false }));
  }
}
