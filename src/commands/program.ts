import { Command, CommanderError, type Option } from 'commander';
import { type Io, version } from '../io/io.ts';
import { notWritable } from '../io/output-file.ts';
import { exitCodes, gateCodeOf, unwrittenCode, unwrittenGateCode } from '../judge/exit-code.ts';
import { defaults, register, type Registries } from '../judge/registries.ts';
import {
  KeydriftError,
  nearestHint,
  nearestNames,
  quote,
  toKeydriftError,
} from '../model/index.ts';
import { reporterOf, type GateReporter } from '../report/index.ts';
import type { Call } from './call.ts';
import { addHelp } from './help.ts';
import { logFormatOf, tellWarning } from './log.ts';
import { tellError } from './output.ts';
import { holdRun, type Lifeline } from './run/lifeline.ts';
import { tellRunError } from './run/log.ts';
import { lackingDashes, splitRunLine } from './run/words.ts';
import { holdSignals, type SignalHold } from './signals.ts';
import { emitUsageError } from './usage-error.ts';
import { checkVariables, decidingVariables, hasOthers, takeVariables } from './variables.ts';

/**
 * Runs one command line; resolves to the exit code, with all of it written. A fault that nobody
 * caught is exit 2 (of `run` 125): 1 is drift. A reader that has gone away changes no code.
 */
export async function main(io: Io, registries: Registries = defaults): Promise<number> {
  const { own, command: after } =
    io.words[0] === 'run' ? splitRunLine(io.words) : { own: io.words, command: null };
  let code: number = exitCodes.inSync;
  let fromEnvironment: readonly string[] = [];
  const told: string[] = [];
  const unregister = register(registries);
  // Loaded before anything happens that it would have to tell.
  const log = isGate(own) ? await reporterOf(registries.outputs, logFormatOf(io), 'gate') : null;
  const hold = log === null ? holdProcess(io) : holdGate(io, log);
  const call: Call = {
    io,
    registries,
    log,
    after,
    holdSignals: () => hold.holdSignals(),
    get interrupted() {
      return hold.interrupted;
    },
    get fromEnvironment() {
      return fromEnvironment;
    },
    answer: (given) => (code = given),
  };
  try {
    const program = await buildProgram(call, told, hold.lifeline, own[0]);
    program.hook('preAction', async (_, command) => {
      // What no option of this command takes, one of another may.
      const whole = hasOthers(io.environment, program.commands)
        ? await buildProgram(call, [], hold.lifeline)
        : program;
      for (const message of checkVariables(io.environment, whole.commands)) {
        tellWarning(io, 'UNKNOWN_VARIABLE', message);
      }
      takeVariables(command, io.environment);
      fromEnvironment = decidingVariables(command);
    });
    await program.parseAsync(own, { from: 'user' });
  } catch (error) {
    code =
      error instanceof CommanderError
        ? await usageCode(call, own, error)
        : await failed(call, own, error);
  } finally {
    hold.release();
    unregister();
  }
  if (told.length > 0) await io.stdout.write(told.join(''));
  const { fault } = io.stdout;
  if (fault === null || fault.code === 'EPIPE') return hold.interrupted ?? code;
  tellError(io, notWritable('stdout', fault));
  return log === null ? unwrittenCode(code) : unwrittenGateCode(code);
}

/** Commands whose codes are the gate's. */
function isGate([command]: readonly string[]): boolean {
  return command === 'run' || command === 'gate';
}

/** What holds a process through signals and faults while a command runs. */
interface Hold extends SignalHold {
  readonly lifeline: Lifeline | null;
}

/** An uncaught fault is exit 2: 1 is drift. */
function holdProcess(io: Io): Hold {
  const signals = holdSignals(io);
  const fault = io.onFault((error) => {
    tellError(io, toKeydriftError(error));
    io.exit(exitCodes.noVerdict);
  });
  return {
    lifeline: null,
    holdSignals: () => signals.holdSignals(),
    get interrupted() {
      return signals.interrupted;
    },
    release() {
      signals.release();
      fault();
    },
  };
}

/** `run` shares its process's fate with a command, whose result nothing of keydrift's may change. */
function holdGate(io: Io, log: GateReporter): Hold {
  const lifeline = holdRun(io, (error) => tellRunError(io, toKeydriftError(error), log));
  return {
    lifeline,
    holdSignals: () => lifeline.stop,
    get interrupted() {
      return lifeline.interruption?.exitCode ?? null;
    },
    release: () => lifeline.release(),
  };
}

type MakeCommand = (call: Call, lifeline: Lifeline | null) => Command;

/** The commands by name, in the order of the help; each is loaded when it is called. */
const commands: Readonly<Record<string, () => Promise<MakeCommand>>> = {
  audit: async () => (await import('./audit/command.ts')).auditCommand,
  diff: async () => (await import('./diff/command.ts')).diffCommand,
  investigate: async () => (await import('./investigate/command.ts')).investigateCommand,
  lint: async () => (await import('./lint/command.ts')).lintCommand,
  run: async () => (await import('./run/command.ts')).runCommand,
  gate: async () => (await import('./run/command.ts')).gateCommand,
  bundle: async () => (await import('./bundle/command.ts')).bundleCommand,
  publish: async () => (await import('./publish/command.ts')).publishCommand,
  init: async () => (await import('./init/command.ts')).initCommand,
  report: async () => (await import('./report/command.ts')).reportCommand,
  sql: async () => (await import('./sql/command.ts')).sqlCommand,
  completion: async () => (await import('./completion/command.ts')).completionCommand,
};

/** Commands that tell of all others. */
const aboutAll: ReadonlySet<string> = new Set(['completion', 'help']);

/**
 * `told` gets what is an answer by itself: help, and the version. `called`: the first word of the
 * command line; where it names a command, no other is loaded.
 */
async function buildProgram(
  call: Call,
  told: string[],
  lifeline: Lifeline | null,
  called?: string,
): Promise<Command> {
  const { io } = call;
  const program = new Command('keydrift')
    .description(
      'Proves that the support file a batch job is about to read is the one that was reviewed.',
    )
    .version(version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void told.push(text),
      // Told by `usageCode`, in the one form that errors have; but for the help of a bare call.
      writeErr: (text) => void io.stderr.write(text),
      outputError: () => undefined,
      getOutHelpWidth: () => io.stdout.columns,
      getErrHelpWidth: () => io.stderr.columns,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .helpCommand(false)
    .showSuggestionAfterError(false);
  addHelp(program, exitCodeHelp);
  const alone = called !== undefined && isCommand(called) && !aboutAll.has(called);
  for (const name of alone ? [called] : Object.keys(commands)) {
    const make = await commands[name]!();
    program.addCommand(inheriting(program, make(call, lifeline)));
  }
  if (alone) return program;
  for (const command of [
    versionCommand(told),
    helpCommand(program, told, call.io.stdout.columns),
  ]) {
    program.addCommand(inheriting(program, command));
  }
  return program;
}

/** A command, and those below it, tell errors as the program does: commander's own end with 1. */
function inheriting(above: Command, command: Command): Command {
  command.copyInheritedSettings(above);
  for (const below of command.commands) inheriting(command, below);
  return command;
}

function isCommand(word: string): boolean {
  return Object.hasOwn(commands, word);
}

/** `keydrift help [TOPIC]`: of a command what it takes, of a code its cause and cure, of a word what it means. */
function helpCommand(program: Command, told: string[], columns: number): Command {
  return new Command('help')
    .description('help of a command, of a code, or of a word of reports')
    .argument('[topic]', 'audit, STORE_ACCESS_DENIED, redundant; words, exit-codes')
    .action(async (topic?: string) => {
      const known = program.commands.find((command) => command.name() === topic);
      if (topic === undefined || known !== undefined) return (known ?? program).outputHelp();
      const { topicLines, topicNames } = await import('./topics.ts');
      const lines = topicLines(topic, columns);
      if (lines === null) {
        const names = [...program.commands.map((command) => command.name()), ...topicNames()];
        const all = 'keydrift help words has all words of reports.';
        throw new KeydriftError('USAGE', `there is no help of ${quote(topic)}`, {
          hint: `${nearestHint(topic, names) ?? ''} ${all}`.trim(),
        });
      }
      told.push(`${lines.join('\n')}\n`);
    });
}

/** `keydrift version`. */
function versionCommand(told: string[]): Command {
  return new Command('version')
    .description('the version of keydrift')
    .action(() => void told.push(`${version}\n`));
}

const exitCodeHelp = `Exit codes: 0 in sync, 1 drift, 2 no verdict (usage, configuration, access,
network), 3 some of each. Of run and gate: see keydrift run --help.

Topics: keydrift help words (the words of reports), keydrift help exit-codes;
keydrift help WORD and keydrift help CODE explain one of them.`;

/** A command by its name, to be looked at. */
async function commandOf(call: Call, name: string): Promise<Pick<Command, 'commands' | 'options'>> {
  return (await commands[name]?.())?.(call, null) ?? { commands: [], options: [] };
}

/** Help and version are answers, everything else commander throws is a usage error: never 1. */
async function usageCode(
  call: Call,
  own: readonly string[],
  error: CommanderError,
): Promise<number> {
  if (error.exitCode === 0) return exitCodes.inSync;
  if (error.code === 'commander.help') return exitCodes.noVerdict;
  const message = error.message.replace(/^error: /, '');
  const [word = '', below = ''] = own;
  const known = isCommand(word) || word === 'version' || word === 'help';
  const { commands: under = [], options = [] } = known ? await commandOf(call, word) : {};
  // An option of the command that `run` wraps, where nothing says that a command begins.
  const isForeign = word === 'run' && error.code === 'commander.unknownOption';
  if (isForeign && call.after === null) {
    const { artifactNames } = await import('./artifact-names.ts');
    const lacking = lackingDashes(own, options, await artifactNames(call));
    if (lacking !== null) return failed(call, own, lacking);
  }
  const inner = under.find((one) => one.name() === below);
  const name = inner === undefined ? word : `${word} ${below}`;
  const help = `See keydrift ${known ? `${name} ` : ''}--help.`;
  const meant = meantBy(error, [...options, ...(inner?.options ?? [])]);
  const hint = meant === undefined ? help : `Did you mean ${meant}? ${help}`;
  return failed(call, own, new KeydriftError('USAGE', message, { hint }));
}

/** The option or command that an unknown word is near to; undefined: it is near to none. */
function meantBy(
  { code, message }: CommanderError,
  options: readonly Pick<Option, 'long'>[],
): string | undefined {
  const [, word = ''] = /'([^']*)'/.exec(message) ?? [];
  if (code === 'commander.unknownCommand') return nearestNames(word, Object.keys(commands))[0];
  if (code !== 'commander.unknownOption' || !word.startsWith('--')) return undefined;
  const known = ['help', ...options.flatMap(({ long }) => (long ? [long.slice(2)] : []))];
  const [near] = nearestNames(word.slice(2).replace(/=.*$/s, ''), known);
  return near === undefined ? undefined : `--${near}`;
}

async function failed(call: Call, own: readonly string[], thrown: unknown): Promise<number> {
  const { io } = call;
  const error = toKeydriftError(thrown);
  if (call.log !== null) {
    tellRunError(io, error, call.log);
    await (await import('./run/decision.ts')).answerRunError(io, error);
  } else if (error.code === 'INTERNAL') tellError(io, error);
  else await emitUsageError(call, own, error);
  return call.log !== null ? gateCodeOf(error.code) : exitCodes.noVerdict;
}
