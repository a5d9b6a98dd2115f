import { InvalidArgumentError, type Command, type Option } from 'commander';
import { KeydriftError } from '../model/index.ts';
import { isSwitchedOn } from '../io/environment.ts';
import type { Environment } from '../io/io.ts';

/** Options that a variable of the environment may say as well. */
const variables = new WeakMap<Option, string>();

/** Lets a variable say an option too; flag > environment > contract > default. */
export function orVariable(option: Option, variable: string): Option {
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
