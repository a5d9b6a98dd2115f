import { copyWords } from './vocabulary.ts';

/** The value of a variable of the contract; undefined: nobody set it. */
export type Variables = (name: string) => string | undefined;

const noNames: readonly string[] = [];

/** A text with its variables replaced. */
export interface Filled {
  readonly text: string;
  /** Names that nobody set, each once, in order. */
  readonly unset: readonly string[];
  /** Whether a `${` stands there that is no `${NAME}`. */
  readonly malformed: boolean;
}

const variable = /\$\$\{|\$\{(?:([A-Za-z_][A-Za-z0-9_]*)\})?/g;

/** Whether a variable may stand in a text, to be told where a pattern cannot yet be checked. */
export const holdsVariable: RegExp = /\$\{/;

const accessWords = new Set(['region', 'profile', 'endpoint', 'roleArn', 'expectedOwner']);

/**
 * Whether variables may stand at a path: in locations, and in what says how they are reached. In
 * anything else a pull request could have them shown, or change what counts (SPEC §3).
 */
export function isTemplate(path: readonly (string | number)[]): boolean {
  const [root, , word, ...rest] = path;
  const last = path.at(-1);
  if (root === 'defaults') return path.length === 2 && accessWords.has(String(last));
  if (root !== 'artifacts') return false;
  if (word === 'reviewed')
    return rest.length === 0 || ['repo', 'ref', 'path'].includes(String(last));
  if (word === 'cost') return last === 'scans';
  if (word !== 'runtime') return path.length === 3 && accessWords.has(String(word));
  if (rest.length > 2) return false;
  const isCopy = rest.length === 1 && !copyWords.has(String(last));
  return rest.length === 0 || isCopy || last === 'url' || accessWords.has(String(last));
}

/**
 * Replaces each `${NAME}`; `$${` stands for a literal `${`. Values are taken as they are: what looks
 * like a variable in one is not replaced again.
 */
export function fillIn(text: string, variables: Variables): Filled {
  if (!text.includes('${')) return { text, unset: noNames, malformed: false };
  const unset = new Set<string>();
  let malformed = false;
  const filled = text.replace(variable, (match: string, name: string | undefined) => {
    if (match === '$${') return '${';
    if (name === undefined) {
      malformed = true;
      return match;
    }
    const value = variables(name);
    if (value === undefined) unset.add(name);
    return value ?? match;
  });
  return { text: filled, unset: [...unset], malformed };
}

/** Why a text is none that may stand in a contract. */
export interface TextFault {
  readonly message: string;
  readonly hint: string;
}

export const malformedFault: TextFault = {
  message: '${ does not start a variable: expected ${NAME}',
  hint: 'A literal ${ is written $${.',
};

/** A text where no variable may stand: `$${` is a literal `${`, and `${NAME}` a fault. */
export function readLiteral(text: string): {
  readonly text: string;
  readonly fault: TextFault | null;
} {
  const { text: read, unset, malformed } = fillIn(text, () => undefined);
  if (malformed) return { text: read, fault: malformedFault };
  if (unset.length === 0) return { text: read, fault: null };
  const message = `a variable cannot stand here: \${${unset[0]}}`;
  const hint =
    'Variables stand in locations, region, profile, endpoint, roleArn and expectedOwner; a literal ${ is written $${.';
  return { text: read, fault: { message, hint } };
}
