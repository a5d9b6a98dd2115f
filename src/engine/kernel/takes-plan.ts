import type { Dialect, ScanPlan } from '../../model/index.ts';

/** Steps that the kernel runs on ASCII values; any other step it leaves to the host, cell by cell. */
export const nativeSteps: ReadonlySet<string> = new Set([
  'trim',
  'collapse-spaces',
  'lowercase',
  'uppercase',
  'nfc',
  'integer',
  'decimal',
  'empty',
]);

/** Key and consumed columns together; more are no support file, and the reference reads them. */
const mostColumns = 16_384;

/**
 * Whether the kernel reads by this plan; the reference takes what it does not. It takes every
 * normalization step, and a delimiter and quote of one ASCII byte each; comment lines it does not.
 */
export function takesPlan({ dialect, key, consumed }: ScanPlan): boolean {
  return takesDialect(dialect) && key.length + consumed.length <= mostColumns;
}

function takesDialect({ delimiter, quote, comment }: Dialect): boolean {
  if (comment !== null || !isPlainByte(delimiter)) return false;
  return quote === null || (isPlainByte(quote) && quote !== delimiter);
}

/** One ASCII byte that is neither NUL nor a line end. */
function isPlainByte(character: string): boolean {
  const code = character.length === 1 ? character.charCodeAt(0) : 0;
  return code > 0 && code < 128 && code !== 0x0a && code !== 0x0d;
}
