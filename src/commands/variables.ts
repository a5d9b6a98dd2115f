import { InvalidArgumentError, type Command, type Option } from 'commander';
import { isSwitchedOn } from '../io/io.ts';
import { KeydriftError, nearestNames, type Environment } from '../model/index.ts';

/** Options that a variable of the environment may say as well. */
const variables = new WeakMap<Option, string>();

/** Lets a variable say an option too; flag > environment > contract > default. */
export function orVariable(option: Option): Option {
  const variable = variableOf(option.long ?? '');
  option.description += ` (env: ${variable})`;
  variables.set(option, variable);
  return option;
}

/**
 * Takes from the environment what the command line does not say. Before an action and never for
 * help, which tells what a variable may be. Throws `USAGE`, naming the variable.
 */
export function takeVariables(command: Command, environment: Environment): void {
  for (const option of command.options) {
    const variable = variables.get(option);
    const text = variable === undefined ? undefined : environment[variable];
    if (variable === undefined || text === undefined || text === '') continue;
    const name = option.attributeName();
    const source = command.getOptionValueSource(name);
    if (source !== undefined && source !== 'default') continue;
    const value = option.isBoolean()
      ? isSwitchedOn(environment, variable) !== option.negate
      : parse(option, variable, text);
    if (value !== undefined) command.setOptionValueWithSource(name, value, 'env');
  }
}

function parse(option: Option, variable: string, text: string): unknown {
  try {
    return option.parseArg === undefined ? text : option.parseArg(text, undefined);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    if (error instanceof ForeignForm) return undefined;
    throw new KeydriftError('USAGE', `${variable}: ${text} is no value of ${option.flags}`, {
      hint: error.message,
    });
  }
}

/** A form that other commands have: as a variable, which is set for all of them, it says nothing here. */
export class ForeignForm extends InvalidArgumentError {}

/** Variables that no option says. */
const without: readonly string[] = ['KEYDRIFT_CACHE_DIR', 'KEYDRIFT_TMPDIR', 'KEYDRIFT_DEBUG'];

/** Names that artifacts and contracts make: what a gate hands over, what it is told. */
const made =
  /^KEYDRIFT_(?:VAR_\w+|OVERRIDE_\w+|TEST_\w+|\w+_(?:FILE|REVISION|URL|URL_VERSION|TABLE|SNAPSHOT))$/;

/** Variables that keydrift took once, and the flag that says it now: the environment switches nothing off. */
const taken: Readonly<Record<string, string>> = {
  KEYDRIFT_FAIL_ON: '--fail-on',
  KEYDRIFT_USE: '--use',
};

/** Flags only (SPEC §4): whoever sets the environment is not who answers for the run. */
const flagsOnly: readonly string[] = [
  '--no-fail',
  '--as',
  '--scope',
  '--contract-only',
  '--observe',
  '--override',
  '--at',
  '--only-new',
  '--previous',
  '--state',
  '--yes',
  '--overwrite-unreviewed',
  '--allow-rollback',
  '--allow-unknown-claim',
  '--unconditional',
];

/**
 * Looks at the names that begin as keydrift's. Gives what nobody reads, in sentences; throws `USAGE`
 * for one that is no longer taken: who set it counts on it.
 */
export function checkVariables(
  environment: Environment,
  commands: readonly Command[],
): readonly string[] {
  const known = knownTo(commands);
  return othersIn(environment, known)
    .toSorted()
    .flatMap((name) => {
      const flag = taken[name];
      if (flag !== undefined) {
        throw new KeydriftError('USAGE', `${name} is no longer taken from the environment`, {
          hint: {
            text: `It decides what is enforced: say ${flag} on the command line, and unset it`,
            command: `unset ${name}`,
          },
        });
      }
      const only = flagsOnly.find((one) => variableOf(one) === name);
      if (only !== undefined) return [`${name} does nothing: ${only} is a flag only`];
      const [near] = nearestNames(name, known);
      return [`${name} does nothing${near === undefined ? '' : `; is ${near} meant?`}`];
    });
}

/** Whether a name is set that begins as keydrift's and that none of some commands takes. */
export function hasOthers(environment: Environment, commands: readonly Command[]): boolean {
  return othersIn(environment, knownTo(commands)).length > 0;
}

function knownTo(commands: readonly Command[]): ReadonlySet<string> {
  const options = commands.flatMap(({ options: own }) =>
    own.map((one) => variables.get(one) ?? ''),
  );
  return new Set([...options, ...without, 'KEYDRIFT_NO_COLOR']);
}

function othersIn(environment: Environment, known: ReadonlySet<string>): readonly string[] {
  return Object.keys(environment).filter(
    (name) =>
      name.startsWith('KEYDRIFT_') &&
      environment[name] !== undefined &&
      !known.has(name) &&
      !made.test(name),
  );
}

function variableOf(flag: string): string {
  return `KEYDRIFT_${flag.slice(2).toUpperCase().replaceAll('-', '_')}`;
}

/** What decides which copies are judged, and by what. */
const deciding: ReadonlySet<string> = new Set([
  'KEYDRIFT_CONFIG',
  'KEYDRIFT_REF',
  'KEYDRIFT_AGAINST',
  'KEYDRIFT_LIMITS',
  'KEYDRIFT_BASE',
]);

/** The variables that decided what a command judges: reports name them. */
export function decidingVariables(command: Command): readonly string[] {
  return command.options.flatMap((option) => {
    const variable = variables.get(option) ?? '';
    const isTaken = command.getOptionValueSource(option.attributeName()) === 'env';
    return isTaken && deciding.has(variable) ? [variable] : [];
  });
}
