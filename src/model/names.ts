/** `participants`, `calendar@us`: how a copy is chosen and told. */
export function copyName(artifact: string, copy: string | null): string {
  return copy === null ? artifact : `${artifact}@${copy}`;
}

/** A git ref that cannot be taken for an option, nor break a line of git's protocol. */
// oxlint-disable-next-line no-control-regex -- control characters are what it keeps out
export const refPattern: RegExp = /^[^-\u0000-\u001f\u007f][^\u0000-\u001f\u007f]*$/;
export const refExpected = 'a git ref (it cannot be empty or start with "-")';

/** `1 unit`, `2 units`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** The order of names, and of all that is sorted: by UTF-16 code units. */
export function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
