import { Command, CommanderError } from 'commander';
import { constants } from 'node:os';
import { exitCodes } from '../judge/exit-code.ts';
import { KeydriftError, toKeydriftError } from '../model/index.ts';
import { auditCommand } from './audit/command.ts';
import { bundleCommand } from './bundle/command.ts';
import { diffCommand } from './diff/command.ts';
import { investigateCommand } from './investigate/command.ts';
import { lintCommand } from './lint/command.ts';
import { publishCommand } from './publish/command.ts';
import { tellError, watchStreams, writeText } from './output.ts';
import { runCommand, type RunCall } from './run/command.ts';
import { holdRun } from './run/lifeline.ts';
import { tellRunError } from './run/log.ts';
import { splitRunLine } from './run/words.ts';
import { columnsOf } from '../io/terminal.ts';
import { noVerdictCode, unbuiltCommands } from './unbuilt.ts';
import { emitUsageError } from './usage-error.ts';
import { version } from '../io/version.ts';

/**
 * Runs one command line, without the program's own name. It sets the exit code and lets the process
 * end by itself, so that what was written to a pipe arrives. An uncaught error is exit 2: 1 is drift.
 */
export async function runProgram(argv: readonly string[]): Promise<void> {
  if (argv[0] === 'run') return runGate(argv);
  endOnSignals();
  watchStreams(() => process.exit(noVerdictCode(argv, exitCodes.noVerdict)));
  process.on('uncaughtException', (error) => process.exit(failed(argv, error)));
  // A reader that has gone away (`| head`): nobody has the whole answer, so it is none.
  process.stdout.on('error', () => process.exit(noVerdictCode(argv, exitCodes.noVerdict)));
  process.stderr.on('error', () => undefined);
  try {
    await buildProgram().parseAsync(argv, { from: 'user' });
  } catch (error) {
    process.exitCode =
      error instanceof CommanderError ? usageCode(argv, error) : failed(argv, error);
  }
}

/** An ordered end, for what must end with keydrift: to a shell it is 128 + the signal's number. */
function endOnSignals(): void {
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
  }
}

/**
 * `run` shares its streams with a command, whose result nothing of keydrift's may change: errors
 * are 125, and stdout and stderr are left as they are.
 */
async function runGate(argv: readonly string[]): Promise<void> {
  const { own, command } = splitRunLine(argv);
  const lifeline = holdRun((error) => tellRunError(own, toKeydriftError(error)));
  try {
    await buildProgram({ command, lifeline }).parseAsync(own, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = usageCode(own, error);
    else process.exitCode = failed(own, error);
  }
}

function buildProgram(call: RunCall | null = null): Command {
  const program = new Command('keydrift')
    .description(
      'Proves that the support file a batch job is about to read is the one that was reviewed.',
    )
    .version(version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => writeText(process.stdout, text),
      // Told by `usageCode`, in the one form that errors have.
      outputError: () => undefined,
      getOutHelpWidth: () => columnsOf(process.stdout),
    })
    .helpCommand(false)
    .showSuggestionAfterError()
    .addHelpText('after', `\n${exitCodeHelp}`);
  const judging = [auditCommand(), diffCommand(), investigateCommand(), lintCommand()];
  const built = [...judging, runCommand(call), bundleCommand(), publishCommand()];
  for (const command of [...built, ...unbuiltCommands()]) {
    program.addCommand(command.copyInheritedSettings(program));
  }
  return program;
}

const exitCodeHelp = `Exit codes: 0 in sync, 1 drift, 2 no verdict (usage, configuration, access,
network), 3 some of each. Of run: see keydrift run --help.`;

/** Help and version are answers, everything else commander throws is a usage error: never 1. */
function usageCode(argv: readonly string[], error: CommanderError): number {
  if (error.exitCode === 0) return exitCodes.inSync;
  if (error.code === 'commander.help') return exitCodes.noVerdict;
  const [message = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  const known = buildProgram().commands.some((command) => command.name() === argv[0]);
  const help = `See keydrift ${known ? `${argv[0]} ` : ''}--help.`;
  const hint =
    suggestion === undefined ? help : `${suggestion.replace(/^\((.*)\)$/, '$1')} ${help}`;
  return failed(argv, new KeydriftError('USAGE', message, { hint }));
}

function failed(argv: readonly string[], thrown: unknown): number {
  const error = toKeydriftError(thrown);
  if (argv[0] === 'run') tellRunError(argv, error);
  else if (error.code === 'INTERNAL') tellError(error);
  else emitUsageError(argv, error);
  return noVerdictCode(argv, exitCodes.noVerdict);
}
