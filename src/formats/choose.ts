import type { Format, FormatRegistry } from '../model/index.ts';

/** The format of a copy by the ending of its name; the registry's first where that tells none. */
export function chooseFormat(formats: FormatRegistry, location: string): Format {
  const all = Object.values(formats);
  const name = location.toLowerCase();
  const found = all.find(({ endings }) => endings.some((ending) => name.endsWith(ending)));
  return found ?? all[0]!;
}
