import { KeydriftError } from '../model/index.ts';

/**
 * A switch in the environment, where commander would take `0` for on.
 * Throws `USAGE` for what is neither on nor off.
 */
export function isSwitchedOn(name: string): boolean {
  const value = process.env[name]?.toLowerCase() ?? '';
  if (['', '0', 'false', 'no', 'off'].includes(value)) return false;
  if (['1', 'true', 'yes', 'on'].includes(value)) return true;
  throw new KeydriftError('USAGE', `${name} is neither on (1) nor off (0)`);
}
