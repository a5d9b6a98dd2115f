/** A text with its variables replaced. */
export interface Replaced {
  readonly text: string;
  /** Names that the environment lacks, each once, in order. */
  readonly unset: readonly string[];
  /** Whether a `${` stands there that is no `${NAME}`. */
  readonly malformed: boolean;
}

const variable = /\$\$\{|\$\{(?:([A-Za-z_][A-Za-z0-9_]*)\})?/g;

/**
 * Replaces each `${NAME}` by the environment's value; `$${` stands for a literal `${`.
 * Values are taken as they are: what looks like a variable in one is not replaced again.
 */
export function replaceVariables(
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
): Replaced {
  const unset = new Set<string>();
  let malformed = false;
  const replaced = text.replace(variable, (match: string, name: string | undefined) => {
    if (match === '$${') return '${';
    if (name === undefined) {
      malformed = true;
      return match;
    }
    // A name such as `constructor` must not reach into the object's prototype.
    const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
    if (value === undefined) unset.add(name);
    return value ?? match;
  });
  return { text: replaced, unset: [...unset], malformed };
}
