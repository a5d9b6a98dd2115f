import { Argument, Command, type Option } from 'commander';
import type { Call } from '../call.ts';
import { addHelp } from '../help.ts';

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
    .addArgument(
      new Argument(
        '<shell>',
        'bash, zsh or fish; names: the artifacts of the contract here, which the scripts ask for',
      ).choices([...Object.keys(shells), 'names']),
    );
  addHelp(
    command,
    'Example:\n  source <(keydrift completion bash)\n\nExit codes: 0 printed, 2 another shell.',
  );
  return command.action(async (shell: string) => {
    if (shell === 'names') {
      const { artifactNames } = await import('../artifact-names.ts');
      const names = await artifactNames(call);
      await call.io.stdout.write(names.map((name) => `${name}\n`).join(''));
    } else await call.io.stdout.write(shells[shell]!(command.parent ?? command));
    call.answer(0);
  });
}

/** Asks for the artifacts; a word of a contract that a shell would act upon is none. */
const askNames = 'keydrift completion names 2>/dev/null';

function takesArtifacts({ registeredArguments }: Command): boolean {
  return registeredArguments[0]?.name() === 'artifact';
}

/** Commands and options are names of this program: none holds anything that a shell acts upon. */
function bashFunction({ commands }: Command): string {
  const cases = commands.map((one) => {
    const below = one.commands.map((sub) => sub.name()).join(' ');
    const plain = takesArtifacts(one) ? `names="$(${askNames})"` : `names="${below}"`;
    return `    ${one.name()}) words="${flagsOf(one).join(' ')}"; ${plain} ;;`;
  });
  return `_keydrift() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words="" names=""
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then words="${commands.map((one) => one.name()).join(' ')}"; fi
  COMPREPLY=()
  case "$COMP_CWORD$current" in
    1*|*-*) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;
    *) COMPREPLY=($(compgen -W "$names" -- "$current")) ;;
  esac
}
`;
}

function flagsOf({ options, commands }: Command): readonly string[] {
  const all = [...options, ...commands.flatMap((one) => one.options)];
  const long = all.flatMap((one) =>
    one.long === undefined || one.long === null ? [] : [one.long],
  );
  return [...new Set(long), '--help'];
}

function fishLines({ commands }: Command): string {
  const lines = commands.flatMap((one) => {
    const own = `complete -c keydrift -n __fish_use_subcommand -a ${one.name()} -d ${quoted(one.description())}`;
    const names = `complete -c keydrift -n '__fish_seen_subcommand_from ${one.name()}' -a '(${askNames})'`;
    return [
      own,
      ...(takesArtifacts(one) ? [names] : []),
      ...one.options.map((option) => fishOption(one.name(), option)),
    ];
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
