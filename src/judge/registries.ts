import { addFinders, type Finder } from '../compare/index.ts';
import { formats } from '../formats/index.ts';
import { addKinds, type FormatRegistry, type KindEntry, type Schemes } from '../model/index.ts';
import { outputs, type Outputs } from '../report/index.ts';
import { schemes } from '../sources/index.ts';

/**
 * What can be extended by one module and one line: each is a plain object by name. A run takes
 * them from here and nowhere else, so that a test can hand in more, or other limits.
 */
export interface Registries {
  readonly formats: FormatRegistry;
  /** Stores, by the kind of their locations. */
  readonly schemes: Schemes;
  /** What tells documents, by the name that `--format` and `-o` take. */
  readonly outputs: Outputs;
  /** Kinds of finding beside those of the specification: what is said of each, and what finds it. */
  readonly kinds: Readonly<Record<string, KindEntry & { readonly find: Finder }>>;
  /** How long keeping a record of a run may take, in seconds: a command waits for the first. */
  readonly recordSeconds: { readonly start: number; readonly end: number };
}

/** What keydrift comes with. */
export const defaults: Registries = {
  formats,
  schemes,
  outputs,
  kinds: {},
  recordSeconds: { start: 10, end: 30 },
};

/** The registries of a run. */
export function registriesOf({ registries }: { readonly registries?: Registries }): Registries {
  return registries ?? defaults;
}

/** Puts what a caller adds into the tables of this process; gives what takes it out again. */
export function register({ kinds }: Registries): () => void {
  const finders = Object.entries(kinds).map(([kind, { find }]) => [kind, find] as const);
  const undo = [addKinds(kinds), addFinders(Object.fromEntries(finders))];
  return () => {
    for (const takeOut of undo) takeOut();
  };
}
