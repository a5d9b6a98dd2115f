import { Command } from 'commander';
import { KeydriftError } from '../model/index.ts';

const names = ['init'];

/** The wrapper's answer to "no verdict": a job must not take exit 2 for its own (SPEC §4). */
const runNoVerdict = 125;

/** Commands that are promised and not built yet: refused by name, never ignored. */
export function unbuiltCommands(): Command[] {
  return names.map((name) =>
    new Command(name)
      .description('not built yet')
      .argument('[arguments...]')
      .allowUnknownOption()
      .helpOption(false)
      .action(() => {
        throw new KeydriftError('NOT_SUPPORTED', `keydrift ${name} is not built yet`, {
          hint: 'This version has audit, diff, investigate, lint, run, bundle and publish.',
        });
      }),
  );
}

/** Exit code of an error of a command line: `run` never answers with a code of the judging commands. */
export function noVerdictCode(argv: readonly string[], otherwise: number): number {
  return argv[0] === 'run' ? runNoVerdict : otherwise;
}
