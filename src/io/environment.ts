import { KeydriftError, type Environment } from '../model/index.ts';

/** A switch in the environment. Throws `USAGE` for what is neither on nor off. */
export function isSwitchedOn(environment: Environment, name: string): boolean {
  const value = environment[name]?.toLowerCase() ?? '';
  if (['', '0', 'false', 'no', 'off'].includes(value)) return false;
  if (['1', 'true', 'yes', 'on'].includes(value)) return true;
  throw new KeydriftError('USAGE', `${name} is neither on (1) nor off (0)`);
}
