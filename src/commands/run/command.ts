import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { version } from '../../io/io.ts';
import type { ScopeTerm } from '../../judge/scope.ts';
import {
  heardBy,
  KeydriftError,
  shellQuote,
  type Decision,
  type HandedCopy,
  type Override,
  type Environment,
} from '../../model/index.ts';
import type { GateReporter } from '../../report/index.ts';
import type { Call } from '../call.ts';
import { parseScope } from '../cells.ts';
import {
  addContractOptions,
  selectOption,
  toContractChoice,
  type ContractFlags,
} from '../contract-options.ts';
import { formatReaders } from '../formats.ts';
import { givenOptions } from '../given.ts';
import { addHelp } from '../help.ts';
import { asciiJson, eventLog } from '../log.ts';
import {
  addCommonOptions,
  againstOption,
  checkAgainst,
  checkBound,
  refOption,
  timeoutOption,
  toJudgeOptions,
  type RawOptions,
} from '../options.ts';
import { reportFiles, reportOptions, toldTo, writeFiles, writeReports } from '../output.ts';
import { orVariable } from '../variables.ts';
import type { RunContext, RunOptions } from './context.ts';
import { launch } from './launch.ts';
import type { Lifeline } from './lifeline.ts';
import { tellEvent } from './log.ts';
import { lackingDashes, splitRunLine } from './words.ts';

interface RunFlags extends Omit<RawOptions, 'format'>, ContractFlags {
  readonly use: HandedCopy;
  readonly as: RunOptions['as'];
  readonly scope?: readonly ScopeTerm[];
  readonly wholeFile?: boolean;
  readonly contractOnly?: boolean;
  readonly against?: string;
  readonly override?: string;
  readonly at?: string;
  readonly observe?: boolean;
  readonly decision?: string;
  readonly stage?: string;
  readonly record?: string;
}

/** `keydrift run [ARTIFACT…] -- COMMAND…`; `lifeline` is null where another command is called. */
export function runCommand(call: Call, lifeline: Lifeline | null): Command {
  const command = new Command('run')
    .description('the pre-run gate: judge what a command is about to read, hand it over, run it')
    .usage('[options] [artifact...] -- command [argument...]')
    .argument('[artifact...]', 'artifacts, or copies as participants@eu; default: all');
  addGateOptions(command, call, 'run');
  addHelp(command, help);
  return command.action(async (names: string[], flags: RunFlags) => {
    const gate = gateOf(call, lifeline);
    if (call.after === null) {
      const { artifactNames } = await import('../artifact-names.ts');
      const known = await artifactNames(call);
      throw lackingDashes(call.io.words, command.options, known) ?? noCommand(names, call);
    }
    checkAgainst(command, flags.against);
    checkOutput(flags);
    const [file, ...words] = call.after;
    if (file === undefined) throw noCommand(names, call);
    const options = toRunOptions(names, flags, call, [file, ...words]);
    const { run } = await import('./run.ts');
    const write = (decision: Decision): Promise<boolean> => writeDecision(call, flags, decision);
    const context = await runContext(flags, call, gate, write);
    call.answer(await heardBy(eventLog(call.io), () => run(context, options)));
  });
}

/** `keydrift gate [ARTIFACT…]`: the gate where there is no command to wrap. */
export function gateCommand(call: Call, lifeline: Lifeline | null): Command {
  const command = new Command('gate')
    .description('judge as run does where there is no command to wrap; one JSON line says it')
    .argument('[artifact...]', 'artifacts, or copies as participants@eu; default: all');
  addGateOptions(command, call, 'gate');
  addHelp(command, gateHelp);
  return command.action(async (names: string[], flags: RunFlags) => {
    const gate = gateOf(call, lifeline);
    requireNoCommand(names, call);
    checkAgainst(command, flags.against);
    checkOutput(flags);
    const options = toRunOptions(names, flags, call, null);
    const { run } = await import('./run.ts');
    let last: Decision | null = null;
    const write = (decision: Decision): Promise<boolean> => {
      last = decision;
      return writeDecision(call, flags, decision);
    };
    const context = await runContext(flags, call, gate, write);
    const code = await heardBy(eventLog(call.io), () => run(context, options));
    await call.io.stdout.write(`${asciiJson(last)}\n`);
    call.answer(code);
  });
}

/** What holds a gate, and tells its log. */
interface Gate {
  readonly lifeline: Lifeline;
  readonly log: GateReporter;
}

/** Throws `USAGE` where another command is called. */
function gateOf(call: Call, lifeline: Lifeline | null): Gate {
  const { log } = call;
  if (lifeline === null || log === null) throw noCommand([], call);
  return { lifeline, log };
}

function addGateOptions(command: Command, call: Call, is: 'run' | 'gate'): void {
  addContractOptions(command);
  command.addOption(selectOption());
  command.addOption(refOption('git ref of the reviewed copies; default: HEAD'));
  for (const option of runOptions(is)) command.addOption(option);
  command.addOption(timeoutOption('judging', '10m'));
  addCommonOptions(command, formatReaders(call.registries.outputs, 'report'));
}

/** Writes what was decided where `--decision` asks for it; false: it could not be, which is told. */
async function writeDecision(
  { io }: Call,
  { decision: file }: RunFlags,
  decision: Decision,
): Promise<boolean> {
  if (file === undefined) return true;
  const tell = (): string[] => [`${asciiJson(decision)}\n`];
  return !(await writeFiles(io, [{ file, tell }]));
}

/** Stdout is the command's, or the gate's line. */
function checkOutput({ output = [], maxFindings }: RunFlags): void {
  // What a run says on stderr has `--limit`.
  checkBound(
    maxFindings,
    output.map(({ format }) => format),
  );
  const onStdout = output.find(({ file }) => file === '-');
  if (onStdout === undefined) return;
  throw new KeydriftError('USAGE', `-o ${onStdout.format}:-: stdout is not the report's here`, {
    hint: `Write to a file, or to another descriptor: -o ${onStdout.format}:/dev/fd/3`,
  });
}

function runOptions(is: 'run' | 'gate'): Option[] {
  return [
    new Option('--use <copy>', `the copy that is ${handed[is]}`)
      .choices(['runtime', 'deduplicated', 'reviewed'])
      .default('runtime'),
    new Option('--as <form>', 'in which form: its bytes, or written anew as CSV')
      .choices(['stored', 'canonical'])
      .default('stored'),
    new Option(
      '--scope <column=value>',
      `judge and ${hands[is]} these slices only: a,b is a or b; may be repeated`,
    ).argParser(parseScope),
    new Option('--whole-file', `${hands[is]} every row, also where only a scope is judged`),
    new Option('--contract-only', 'judge the runtime copy by its contract alone'),
    againstOption(),
    orVariable(
      new Option('--stage <url>', 'also write the bytes to s3://BUCKET/PREFIX/ARTIFACT/SHA256'),
    ),
    orVariable(
      new Option('--record <url>', 'keep what this run read and did under s3://BUCKET/PREFIX/'),
    ),
    new Option(
      '--override <reason>',
      is === 'run'
        ? 'override the refusal: let one revision run although it drifted'
        : 'override the refusal: let one revision pass although it drifted',
    ),
    new Option(
      '--observe',
      is === 'run'
        ? 'shadow mode: start the command whatever is decided, and log it'
        : 'shadow mode: exit 0 whatever is decided, and log it',
    ),
    new Option(
      '--decision <file>',
      is === 'run'
        ? 'write what was decided, and whether the command started'
        : 'write what was decided to a file as well',
    ),
    new Option('--at <revision>', 'the revision that --override lets run, as the log names it'),
  ];
}

/** A gate hands nothing to a command: it writes to a stage. */
const handed = { run: 'handed over', gate: 'judged to be read, and staged' } as const;
const hands = { run: 'hand over', gate: 'stage' } as const;

const help = `The command gets, for each artifact, KEYDRIFT_<ARTIFACT>_FILE (a private read-only file),
KEYDRIFT_<ARTIFACT>_REVISION, with --stage KEYDRIFT_<ARTIFACT>_URL (and _URL_VERSION); and every
{ARTIFACT} in its arguments is that file.

Exit codes: the command's own, 128+n when it dies of signal n; 121 refused because of drift, 122 no
verdict (usage, contract, denied), both final; 125 no verdict (a retry may help); 126 the command
cannot be run, 127 it is not found.

KEYDRIFT_OVERRIDE_<ARTIFACT>="versionId:… reason" lets exactly that revision run.

Example:
  keydrift run participants -- ./job.sh --lookup {participants}`;

const gateHelp = `Stdout gets one line of JSON: what was decided, with url, versionId and sha256 of what may be read.
Nothing is started.

Exit codes: 0 may run, 121 refused because of drift, 122 no verdict (usage, contract, denied), both
final; 125 no verdict (a retry may help).

Example:
  keydrift gate participants --stage s3://prod-staged/run-42/`;

function toRunOptions(
  names: readonly string[],
  flags: RunFlags,
  { io, fromEnvironment }: Call,
  command: RunOptions['command'],
): RunOptions {
  if (flags.contractOnly === true && flags.use === 'reviewed') {
    throw new KeydriftError(
      'USAGE',
      '--contract-only reads no reviewed copy that --use could name',
    );
  }
  if (command === null) checkHandedOver(flags);
  return {
    ...toJudgeOptions(flags, io.environment),
    ...toContractChoice(flags, io),
    names,
    command,
    use: flags.use,
    as: flags.as,
    scope: flags.scope ?? [],
    extent: flags.wholeFile === true ? 'whole-file' : 'scope',
    against: flags.against ?? null,
    basis: flags.contractOnly === true ? 'contract' : 'reviewed',
    override: toOverride(flags),
    overrides: overridesOf(io.environment),
    observe: flags.observe ?? false,
    fromEnvironment,
    stage: flags.stage ?? null,
    record: flags.record ?? null,
    given: givenOptions(flags),
  };
}

/** A gate without a stage hands nothing over: what it forgave, the job would read all the same. */
function checkHandedOver({ use, as, stage }: RunFlags): void {
  const chosen = use === 'runtime' ? (as === 'stored' ? null : `--as ${as}`) : `--use ${use}`;
  if (chosen === null || stage !== undefined) return;
  throw new KeydriftError('USAGE', `gate ${chosen} without --stage hands nothing over`, {
    hint: 'Say --stage s3://BUCKET/PREFIX/ as well, and let the job read handOver.url of the answer.',
  });
}

/** What comes after artifacts and `--` is a command, which a gate does not start. */
function requireNoCommand(names: readonly string[], { io }: Call): void {
  const { own, command } = splitRunLine(io.words);
  if (command === null || command.length === 0 || names.length <= command.length) return;
  const [, ...asked] = own;
  const typed = ['keydrift run', ...asked.map(shellQuote), '--', ...command.map(shellQuote)];
  throw new KeydriftError('USAGE', 'gate starts no command: run does', {
    hint: { text: 'Write', command: typed.join(' ') },
  });
}

/** `run` as it was typed, options and all, with the command that it lacks. */
function noCommand(names: readonly string[], { io }: Call): KeydriftError {
  const [, ...own] = splitRunLine(io.words).own;
  const typed = own.map((word) => shellQuote(names.includes(word) ? bare(word) : word));
  const named = names.length === 0 ? ['ARTIFACT'] : names.map(bare);
  const files = named.map((name) => shellQuote(`{${name.replace(/@.*$/, '')}}`));
  const asked = names.length === 0 ? [...typed, ...named] : typed;
  return new KeydriftError('USAGE', 'run needs a command after --', {
    hint: {
      text: 'For example',
      command: ['keydrift run', ...asked, '-- COMMAND', ...files].join(' '),
    },
  });
}

function bare(word: string): string {
  return word.replace(/^\{(.*)\}$/s, '$1');
}

/** Of a command that was pasted as it is printed, nobody would know why. */
function saidReason(reason: string, by: string): string {
  if (reason !== 'REASON') return reason;
  throw new KeydriftError('USAGE', `REASON in ${by} stands for why this revision may run`, {
    hint: 'Write it in your own words: it is what the log tells of the override.',
  });
}

function toOverride({ override, at }: RunFlags): Override | null {
  if (override === undefined && at === undefined) return null;
  if (override === undefined || at === undefined || override.trim() === '' || at === '') {
    throw new KeydriftError('USAGE', '--override "REASON" and --at REVISION go together', {
      hint: 'The revision stands in the line that refused the run: --at versionId:…',
    });
  }
  return { reason: saidReason(override, '--override'), at };
}

/**
 * `KEYDRIFT_OVERRIDE_<ARTIFACT>="versionId:… reason"`, by the artifact's name in the environment: it
 * names one object of one artifact, and says why. Throws `USAGE`.
 */
function overridesOf(environment: Environment): ReadonlyMap<string, Override> {
  const overrides = new Map<string, Override>();
  for (const [variable, text = ''] of Object.entries(environment)) {
    const [, name] = /^KEYDRIFT_OVERRIDE_(.+)$/.exec(variable) ?? [];
    // What an outer run hands over of an artifact that is called like this is no override.
    const isHanded =
      /_(?:FILE|REVISION|URL|URL_VERSION|TABLE|SNAPSHOT)$/.test(variable) && !/\s/.test(text);
    if (name === undefined || text.trim() === '' || isHanded) continue;
    const [, at, reason] = /^\s*(\S+)\s+(\S[^]*)$/.exec(text) ?? [];
    if (at === undefined || reason === undefined) {
      throw new KeydriftError('USAGE', `${variable} names no revision and reason`, {
        hint: `For example: ${variable}="versionId:… INC-123, agreed with the data team"`,
      });
    }
    overrides.set(name, { at, reason: saidReason(reason.trim(), `the variable ${variable}`) });
  }
  return overrides;
}

async function runContext(
  flags: RunFlags,
  call: Call,
  { lifeline, log }: Gate,
  write: RunContext['writeDecision'],
): Promise<RunContext> {
  const { io, registries, fromEnvironment } = call;
  const { environment, workingDirectory } = io;
  const options = reportOptions(flags, io, io.stderr);
  const given = givenOptions(flags);
  const temporary = environment['KEYDRIFT_TMPDIR'] ?? '';
  const to = await toldTo(call, 'report', { stdout: 'text', files: flags.output ?? [] });
  return {
    version,
    registries,
    workingDirectory,
    ...(io.userId === undefined ? {} : { userId: io.userId }),
    environment,
    now: io.now,
    // The command's stderr is no place for a line that comes and goes.
    progress: () => undefined,
    temporaryDirectory: resolve(workingDirectory, temporary === '' ? tmpdir() : temporary),
    tell: (event) => {
      const told =
        event.kind === 'not-started' ? { ...event, report: { ...event.report, given } } : event;
      tellEvent(io, told, log, options);
    },
    writeReports: (report) =>
      writeReports(
        io,
        reportFiles({ ...report, fromEnvironment, given }, to, reportOptions(flags, io)),
      ),
    writeDecision: write,
    stop: lifeline.stop,
    get interruption() {
      return lifeline.interruption;
    },
    launch: (command) => launch(command, lifeline, io),
    atExit: (cleanup) => io.atExit(cleanup),
  };
}
