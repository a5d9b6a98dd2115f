/** Where a value stands in the contract: names of maps and 0-based places of lists. */
export type Path = readonly (string | number)[];

/** A path as people write it: `artifacts.participants.key[0]`, `labels["a b"]`. Injective. */
export function pathText(path: Path): string {
  return path.reduce<string>(textBelow, '');
}

const plainName = /^[A-Za-z0-9_$-]+$/;

/** The text of a path with one more part. */
export function textBelow(text: string, part: string | number): string {
  if (typeof part === 'number') return `${text}[${part}]`;
  if (!plainName.test(part)) return `${text}[${JSON.stringify(part)}]`;
  return text === '' ? part : `${text}.${part}`;
}
