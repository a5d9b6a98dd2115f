import type { Words } from './draft.ts';
import type { ContractFile } from './file.ts';
import type { Path } from './path.ts';

/** One part of a contract that speaks: a copy, its artifact, the defaults of its file, of the file above. */
export interface Layer {
  readonly rank: 'copy' | 'artifact' | 'defaults';
  readonly file: ContractFile;
  readonly words: Words;
  readonly path: Path;
}

/** All that speak of a copy, the innermost first: what it says counts. */
export type Layers = readonly Layer[];

/** A word, by whom it is said. */
export interface Said<T> extends Omit<Layer, 'words'> {
  readonly value: T;
  /** Of the word. */
  readonly path: Path;
}

/** Who says a word, the innermost first. */
export function allSaid<W extends keyof Words>(
  layers: Layers,
  word: W,
): readonly Said<NonNullable<Words[W]>>[] {
  return layers.flatMap(({ rank, file, words, path }) => {
    const value = words[word];
    return value === undefined || value === null
      ? []
      : [{ rank, file, path: [...path, word], value }];
  });
}

/** Who says a word for the copy; null: nobody. */
export function said<W extends keyof Words>(
  layers: Layers,
  word: W,
): Said<NonNullable<Words[W]>> | null {
  for (const { rank, file, words, path } of layers) {
    const value = words[word];
    if (value !== undefined && value !== null) return { rank, file, path: [...path, word], value };
  }
  return null;
}

/** A map that each layer may add to, and the innermost overrides; names in the order of the files. */
export function merged<T, R>(
  sayings: readonly Said<Readonly<Record<string, T | undefined>>>[],
  read: (value: T, by: Said<unknown>, name: string) => R | null,
): ReadonlyMap<string, R> {
  const all = new Map<string, R>();
  for (const by of sayings.toReversed()) {
    for (const name of by.file.namesIn(by.path)) {
      const value = by.value[name];
      const result = value === undefined ? null : read(value, by, name);
      if (result !== null) all.set(name, result);
    }
  }
  return all;
}
