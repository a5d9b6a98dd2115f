import type { Format, FormatRegistry } from '../model/index.ts';

/** Endings that tell a compression and not a format. */
const compressed = /\.(?:gz|gzip|zst|zstd)$/;

/** The format of a copy by the ending of its name; the registry's first where that tells none. */
export function chooseFormat(formats: FormatRegistry, location: string): Format {
  const all = Object.values(formats);
  const name = location
    .replace(/\?versionId=[^?]*$| in .*$/, '')
    .toLowerCase()
    .replace(compressed, '');
  const found = all.find(({ endings }) => endings.some((ending) => name.endsWith(ending)));
  return found ?? all[0]!;
}
