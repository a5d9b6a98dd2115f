import { Argument, Command, type Option } from 'commander';
import type { Call } from '../call.ts';

/** Shells that can be taught to complete. */
const shells: Readonly<Record<string, (program: Command) => string>> = {
  bash: (program) => `${bashFunction(program)}complete -o default -F _keydrift keydrift\n`,
  zsh: (program) =>
    `#compdef keydrift\nautoload -U +X bashcompinit && bashcompinit\n${bashFunction(program)}complete -o default -F _keydrift keydrift\n`,
  fish: fishLines,
};

/** `keydrift completion SHELL`: the script that a shell reads once. */
export function completionCommand(call: Call): Command {
  const command = new Command('completion')
    .description('what a shell reads to complete commands and options')
    .addArgument(new Argument('<shell>', 'bash, zsh or fish').choices(Object.keys(shells)))
    .addHelpText(
      'after',
      '\nExample: source <(keydrift completion bash)\n\nExit codes: 0 printed, 2 another shell.',
    );
  return command.action(async (shell: string) => {
    await call.io.stdout.write(shells[shell]!(command.parent ?? command));
    call.answer(0);
  });
}

/** Commands and options are names of this program: none holds anything that a shell acts upon. */
function bashFunction({ commands }: Command): string {
  const cases = commands.map((one) => `    ${one.name()}) words="${flagsOf(one).join(' ')}" ;;`);
  return `_keydrift() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words=""
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then words="${commands.map((one) => one.name()).join(' ')}"; fi
  COMPREPLY=()
  case "$COMP_CWORD$current" in
    1*|*-*) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;
  esac
}
`;
}

function flagsOf({ options }: Command): readonly string[] {
  return [
    ...options.flatMap(({ long }) => (long === undefined || long === null ? [] : [long])),
    '--help',
  ];
}

function fishLines({ commands }: Command): string {
  const lines = commands.flatMap((one) => {
    const own = `complete -c keydrift -n __fish_use_subcommand -a ${one.name()} -d ${quoted(one.description())}`;
    return [own, ...one.options.map((option) => fishOption(one.name(), option))];
  });
  return `${lines.join('\n')}\n`;
}

function fishOption(command: string, { long, required, description }: Option): string {
  const when = `'__fish_seen_subcommand_from ${command}'`;
  const name = (long ?? '').replace(/^--/, '');
  const value = required ? ' -r' : '';
  return `complete -c keydrift -n ${when} -l ${name}${value} -d ${quoted(description)}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`;
}
