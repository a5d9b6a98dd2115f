import { Command } from 'commander';
import { KeydriftError } from '../model/index.ts';

const names = ['sql'];

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
          hint: 'This version has init, audit, diff, investigate, lint, run, gate, bundle and publish.',
        });
      }),
  );
}
