import type { Data } from './file.ts';
import type { ContractText } from './include.ts';

/** A word of a contract: of an artifact, or of what a glob names (`GLOB.NAME`), or of a copy of it. */
export interface SaidWord {
  readonly artifact: string;
  readonly copy: string | null;
  /** `policy.added`; `artifact` or `copy`: the whole of it. */
  readonly word: string;
}

/** Where a word is said: the path of the file among the texts of a contract, and its 1-based line. */
export interface SaidPlace {
  readonly path: string;
  readonly line: number;
}

/**
 * Finds where a contract says words: on their own lines, or on that of what is nearest around them;
 * what it has no longer, where its root says its artifacts.
 */
export async function placesOfWords(root: ContractText): Promise<(said: SaidWord) => SaidPlace> {
  const { readContractFile } = await import('./thoroughly.ts');
  const texts = (one: ContractText): readonly ContractText[] => [
    one,
    ...one.included.flatMap(texts),
  ];
  const entries = new Map(
    texts(root).flatMap(({ path, text }) => {
      const file = readContractFile(text);
      return file.namesIn(['artifacts']).map((name) => [name, { path, file }] as const);
    }),
  );
  return ({ artifact, copy, word }) => {
    let name = artifact;
    // What a glob names has its entry's name, a dot and its own.
    while (!entries.has(name) && name.includes('.')) name = name.slice(0, name.lastIndexOf('.'));
    const entry = entries.get(name);
    if (entry === undefined) {
      return { path: root.path, line: readContractFile(root.text).lineOf(['artifacts']) };
    }
    const { path, file } = entry;
    const parts = word === 'artifact' || word === 'copy' ? [] : word.split('.');
    const own = ['artifacts', name];
    const member = name === artifact ? [] : ['overrides', artifact.slice(name.length + 1)];
    const tried = [
      ...(copy === null ? [] : [[...own, 'runtime', copy, ...parts]]),
      [...own, ...member, ...parts],
      [...own, ...parts],
      ['defaults', ...parts],
    ];
    const said = parts.length === 0 ? undefined : tried.find((one) => holds(file.data, one));
    return { path, line: file.lineOf(said ?? tried[0] ?? own) };
  };
}

/** Whether a map of maps has a value at a path. */
function holds(data: Data | undefined, path: readonly string[]): boolean {
  let value = data;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    if (!Object.hasOwn(value, part)) return false;
    value = value[part];
  }
  return true;
}
