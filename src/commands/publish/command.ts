import { Command, Option } from 'commander';
import { resolve } from 'node:path';
import type { PublishOptions } from './publish.ts';
import { copyName, KeydriftError, shellQuote, type PublishPlan } from '../../model/index.ts';
import {
  publicationQuestion,
  reporterOf,
  wrap,
  type PublicationOptions,
  type PublishDocument,
} from '../../report/index.ts';
import { askYes, isInteractive } from '../../io/ask.ts';
import type { Io, Output } from '../../io/io.ts';
import type { Progress } from '../../io/progress.ts';
import type { AppContext } from '../../judge/context.ts';
import { runWithProgress, type Call } from '../call.ts';
import { givenFlags } from '../given.ts';
import { formatReaders, type Destinations, type OutputFile } from '../formats.ts';
import {
  accessOptions,
  destinationsOf,
  formatOption,
  limitOption,
  outputOption,
  refOption,
  timeoutOption,
  toJudgeOptions,
  type RawOptions,
} from '../options.ts';
import {
  addContractOptions,
  changedSinceOption,
  selectOption,
  toContractChoice,
  type ContractFlags,
} from '../contract-options.ts';
import { readNamed } from '../../sources/index.ts';
import { deliver, hasColor, tellError, toldTo, writeTo, type Told } from '../output.ts';
import { addHelp } from '../help.ts';

interface PublishFlags
  extends Pick<RawOptions, 'ref' | 'endpointUrl' | 'region' | 'profile'>, ContractFlags {
  readonly all?: boolean;
  readonly changedSince?: string;
  readonly dryRun?: boolean;
  readonly exitCode?: boolean;
  readonly apply?: string;
  readonly plan?: string;
  readonly yes?: boolean;
  readonly unconditional?: boolean;
  readonly overwriteUnreviewed?: boolean;
  readonly allowRollback?: boolean;
  readonly allowUnknownClaim?: boolean;
  readonly limit?: number;
  readonly timeout?: number | null;
  readonly format: string;
  readonly output?: readonly OutputFile[];
}

/** `keydrift publish ARTIFACT… [--dry-run | --apply FILE] [--yes]`. */
export function publishCommand(call: Call): Command {
  const readers = formatReaders(call.registries.outputs, 'publication');
  const command = new Command('publish')
    .description('write reviewed copies, each a file of a commit, to their runtime objects')
    .argument(
      '[artifact...]',
      'artifacts, or copies as calendar@eu; with --apply: those of the plan',
    );
  addContractOptions(command);
  command.addOption(selectOption());
  const options = [
    refOption('git ref of the reviewed copies; default: HEAD'),
    new Option('--all', 'every artifact of the contract').conflicts('apply'),
    changedSinceOption().conflicts('apply'),
    new Option('--dry-run', 'only plan: exit 1 when something is refused').conflicts('apply'),
    new Option('--exit-code', 'with --dry-run: exit 4 when there is something to do'),
    new Option('--apply <file>', 'apply exactly this plan (--dry-run -o json:FILE), or refuse'),
    new Option('--plan <file>').hideHelp(),
    new Option('--yes', 'do not ask; needed where there is no terminal'),
    new Option('--overwrite-unreviewed', 'destroy content that is in no reviewed commit'),
    new Option('--allow-rollback', 'overwrite what is newer, or on another line of history'),
    new Option('--allow-unknown-claim', 'overwrite what claims a commit that is not at hand'),
    new Option('--unconditional', 'write where a store does not honour conditional writes'),
    timeoutOption('what comes before the first write', null),
    limitOption('units shown of each copy; JSON has up to 1000'),
    formatOption(readers),
    outputOption(readers),
    ...accessOptions(),
  ];
  for (const option of options) command.addOption(option);
  addHelp(command, help);
  return command.action(async (names: string[], flags: PublishFlags) => {
    checkFlags(flags, call);
    const to = await toldTo(call, 'publication', destinationsOf(command, flags));
    const document = await run(names, flags, call);
    const how = {
      ...manyOf(flags),
      next: nextCommand(document, command, to, names),
      shown: isDeclined(document) && call.io.stdout.isTerminal ? 'answer' : 'result',
    } as const;
    call.answer(await emit(call, document, to, how));
  });
}

const help = `
Plans, asks, and applies. A commit is published, never the working tree, and only if
it keeps its contract. It never goes back to an older version without a word: this
needs a full clone. Each write is conditional on what the plan saw, carries its
SHA-256 and the commit as metadata, and is read back. Nothing is written unless
every copy of the plan can be; the first failure ends it.

Exit codes: 0 published, up to date or (--dry-run) planned, 1 refused, 2 no verdict or
somebody else wrote meanwhile, 3 some of each, 4 (--exit-code) something to do.

Examples:
  keydrift publish participants --dry-run
  keydrift publish calendar@eu --dry-run -o json:plan.json
  keydrift publish --apply plan.json --yes`;

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
    ...toContractChoice(flags, call.io),
    names,
    all: flags.all ?? false,
    changedSince: flags.changedSince ?? null,
    ref,
    access,
    cacheDirectory,
    unconditional: flags.unconditional ?? false,
    overwriteUnreviewed: flags.overwriteUnreviewed ?? false,
    allowRollback: flags.allowRollback ?? false,
    allowUnknownClaim: flags.allowUnknownClaim ?? false,
    tellsToDo: flags.exitCode ?? false,
    timeout: flags.timeout ?? null,
    graceMs: 60_000,
    saved:
      flags.apply === undefined
        ? null
        : { ...(await readPlan(flags.apply, call.io.workingDirectory)), ref: flags.ref ?? null },
  };
  const stop = call.holdSignals();
  const act = (context: AppContext, progress: Progress): Promise<PublishDocument> => {
    if (flags.dryRun === true) return planPublication(context, options);
    return publish(context, options, (plan) => {
      progress.clear();
      return approve(plan, flags, call, stop);
    });
  };
  return runWithProgress(call, act, stop);
}

/** Shows the plan and asks, unless `--yes` has answered. */
async function approve(
  plan: PublishPlan,
  flags: PublishFlags,
  { io, registries }: Call,
  stop: AbortSignal,
): Promise<boolean> {
  if (flags.yes === true) return true;
  const how = { ...manyOf(flags), next: null, shown: 'plan' } as const;
  const tell = await reporterOf(registries.outputs, 'text', 'publication');
  await writeTo(io.stderr, tell(plan, { ...shownOn(io, io.stderr), ...how }));
  const lines = publicationQuestion(plan, plan.options.ref).flatMap((line) =>
    wrap(line, io.stderr.columns, 2),
  );
  // What stands before the last line is told, and is no part of a prompt that is drawn anew.
  await writeTo(
    io.stderr,
    lines.slice(0, -1).map((line) => `${line}\n`),
  );
  const isYes = await askYes(lines.at(-1) ?? '', io, stop);
  // Ctrl-C is no answer.
  stop.throwIfAborted();
  return isYes;
}

/** How many units are shown of each copy; where nobody says it, very many copies fit a screen. */
function manyOf({ limit }: PublishFlags): Pick<PublicationOptions, 'limit' | 'many'> {
  return { limit: limit ?? 20, many: limit === undefined ? 'one-screen' : 'details' };
}

function shownOn(io: Io, stream: Output): Pick<PublicationOptions, 'width' | 'color' | 'commands'> {
  const commands = stream.isTerminal ? 'folded' : 'whole';
  return { width: stream.columns, color: hasColor(io, stream), commands };
}

/** What a plan was made with; `--ref` asserts which one it is. */
const planFlags = [
  'unconditional',
  'overwriteUnreviewed',
  'allowRollback',
  'allowUnknownClaim',
] as const;

function checkFlags(flags: PublishFlags, { io }: Call): void {
  if (flags.plan !== undefined) {
    throw new KeydriftError('USAGE', '--plan is called --apply', {
      hint: { text: 'Say it so', command: `keydrift publish --apply ${shellQuote(flags.plan)}` },
    });
  }
  if (flags.exitCode === true && flags.dryRun !== true) {
    const message = '--exit-code is of --dry-run: it says whether there is something to do';
    throw new KeydriftError('USAGE', message);
  }
  const made = flags.apply === undefined ? undefined : planFlags.find((name) => flags[name]);
  if (made !== undefined) {
    const flag = `--${made.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    throw new KeydriftError(
      'USAGE',
      `${flag} is part of the plan: it cannot be given with --apply`,
      {
        hint: {
          text: 'Make another plan with it',
          command: `keydrift publish ARTIFACT --dry-run ${flag} -o json:FILE`,
        },
      },
    );
  }
  if (flags.dryRun === true || flags.yes === true || isInteractive(io)) return;
  throw new KeydriftError('USAGE', 'there is no terminal to ask on: publish needs --yes here', {
    hint: 'Look first with --dry-run; then say --yes.',
  });
}

async function readPlan(file: string, directory: string): Promise<{ text: string; file: string }> {
  const unread = (reason: string, cause?: unknown): KeydriftError =>
    new KeydriftError('PLAN_UNREADABLE', `--apply ${file} cannot be read (${reason})`, {
      cause,
      hint: {
        text: 'A plan is written by',
        command: 'keydrift publish ARTIFACT --dry-run -o json:FILE',
      },
    });
  try {
    const bytes = await readNamed(resolve(directory, file), (kind) => unread(`it is ${kind}`));
    return { text: bytes.toString('utf8'), file };
  } catch (cause) {
    if (cause instanceof KeydriftError) throw cause;
    throw unread(
      cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause),
      cause,
    );
  }
}

/** How S3 and the contract are reached, of every command. */
const wayFlags = [
  'config',
  'configSha256',
  'var',
  'limits',
  'endpointUrl',
  'region',
  'profile',
] as const;

/** Whether somebody was shown the plan, and said no. */
function isDeclined(document: PublishDocument): boolean {
  if (document.schema === 'keydrift.plan/1') return false;
  return document.publications.some(({ outcome }) => outcome === 'declined');
}

/** What one would type next, whole; a refusal's hint says it by itself. */
function nextCommand(
  document: PublishDocument,
  command: Command,
  { files }: Destinations,
  asked: readonly string[],
): string | null {
  const { publications } = document;
  const way = givenFlags(command, wayFlags);
  const changed = givenFlags(command, ['changedSince']);
  const all = givenFlags(command, ['all']) + changed;
  // As they were chosen: a glob may stand for thousands.
  const some = asked.map((name) => ` ${shellQuote(name)}`).join('');
  const names = some + givenFlags(command, ['select']);
  const ref = givenFlags(command, ['ref']);
  const again = `keydrift publish${all}${names}${ref}${givenFlags(command, planFlags)}${way}`;
  if (isDeclined(document)) {
    const apply = givenFlags(command, ['apply']);
    return apply === '' ? again : `keydrift publish${some}${apply}${ref}${way}`;
  }
  const broken = publications.filter(({ refusals }) =>
    refusals.some(({ code }) => code === 'REVIEWED_BROKEN'),
  );
  // What is to be mended in git first, where it can be looked at.
  const commit = broken[0]?.reviewed?.commit;
  if (commit !== undefined) {
    const lacking = broken.map((copy) => ` ${shellQuote(copyName(copy.name, copy.copy))}`).join('');
    return `keydrift lint${lacking} --ref ${commit}${way}`;
  }
  if (document.schema !== 'keydrift.plan/1') {
    // Where nothing was written, there is nothing new to look at: the error says what to do.
    const isUntouched = document.publications.every(
      ({ wrote, outcome }) => wrote === 'no' && outcome !== 'up-to-date',
    );
    if (isUntouched) return null;
    const named = names === '' && all === '' ? published(publications) : names;
    return `keydrift audit${named}${changed}${ref}${way}`;
  }
  const actions = publications.map(({ action }) => action);
  const isOpen = actions.every((action) => action !== 'refuse' && action !== 'unknown');
  if (!isOpen || actions.every((action) => action === 'none')) return null;
  const saved = files.find(({ format }) => format === 'json');
  if (saved !== undefined) return `keydrift publish --apply ${shellQuote(saved.file)}${ref}${way}`;
  return again;
}

const mostNamed = 10;

/** Names of the copies of a plan; of very many none, which is all of the contract. */
function published(publications: PublishDocument['publications']): string {
  if (publications.length > mostNamed) return '';
  return publications.map(({ name, copy }) => ` ${shellQuote(copyName(name, copy))}`).join('');
}

async function emit(
  call: Call,
  document: PublishDocument,
  to: Told<'publication'>,
  how: Pick<PublicationOptions, 'limit' | 'many' | 'next' | 'shown'>,
): Promise<number> {
  const { io } = call;
  const { error, exitCode, publications } = document;
  if (error !== null) tellError(io, error);
  const tell = (
    format: string,
    on: ReturnType<typeof shownOn> = { width: 80, color: false },
  ): Iterable<string> => to.by(format)(document, { ...on, ...how });
  const files = to.files.map(({ format, ...file }) => ({ ...file, tell: () => tell(format) }));
  const isTold = error !== null && publications.length === 0 && to.stdout === 'text';
  const stdout = isTold ? null : tell(to.stdout, shownOn(io, io.stdout));
  return deliver(call, { exitCode, stdout, files });
}
