import { Command, CommanderError } from 'commander';
import { constants } from 'node:os';
import { exitCodes } from '../app/exit-code.ts';
import { KeydriftError, toKeydriftError } from '../model/index.ts';
import { auditCommand } from './audit-command.ts';
import { diffCommand } from './diff-command.ts';
import { lintCommand } from './lint-command.ts';
import { emitUsageError, tellError, watchStreams, writeText } from './output.ts';
import { columnsOf } from './terminal.ts';
import { noVerdictCode, unbuiltCommands } from './unbuilt.ts';
import { version } from './version.ts';

/**
 * Runs one command line, without the program's own name. It sets the exit code and lets the process
 * end by itself, so that what was written to a pipe arrives. An uncaught error is exit 2: 1 is drift.
 */
export async function runProgram(argv: readonly string[]): Promise<void> {
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

function buildProgram(): Command {
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
  for (const command of [auditCommand(), diffCommand(), lintCommand(), ...unbuiltCommands()]) {
    program.addCommand(command.copyInheritedSettings(program));
  }
  return program;
}

const exitCodeHelp = `Exit codes: 0 in sync, 1 drift, 2 no verdict (usage, configuration, access,
network), 3 some of each.`;

/** Help and version are answers, everything else commander throws is a usage error: never 1. */
function usageCode(argv: readonly string[], error: CommanderError): number {
  if (error.exitCode === 0) return exitCodes.inSync;
  if (error.code === 'commander.help') return exitCodes.noVerdict;
  const [message = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  const known = buildProgram().commands.some((command) => command.name() === argv[0]);
  const help = `See keydrift ${known ? `${argv[0]} ` : ''}--help.`;
  const hint =
    suggestion === undefined ? help : `${suggestion.replace(/^\((.*)\)$/, '$1')} ${help}`;
  emitUsageError(argv, new KeydriftError('USAGE', message, { hint }));
  return exitCodes.noVerdict;
}

function failed(argv: readonly string[], thrown: unknown): number {
  const error = toKeydriftError(thrown);
  if (error.code === 'INTERNAL') tellError(error);
  else emitUsageError(argv, error);
  return noVerdictCode(argv, exitCodes.noVerdict);
}
