/** Where a value stands in the contract: names of maps and 0-based places of lists. */
export type Path = readonly (string | number)[];

/** A path as people write it: `artifacts.participants.key[0]`, `labels["a b"]`. Injective. */
export function pathText(path: Path): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (!/^[A-Za-z0-9_$-]+$/.test(part)) text += `[${JSON.stringify(part)}]`;
    else text += text === '' ? part : `.${part}`;
  }
  return text;
}
