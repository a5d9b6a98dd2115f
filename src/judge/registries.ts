import { formats } from '../formats/index.ts';
import type { FormatRegistry, Schemes } from '../model/index.ts';
import { reporters, type Reporter } from '../report/index.ts';
import { schemes } from '../sources/index.ts';

/**
 * What can be extended by one module and one line: each is a plain object by name. A run takes
 * them from here and nowhere else, so that a test can hand in more.
 */
export interface Registries {
  readonly formats: FormatRegistry;
  /** Stores, by the kind of their locations. */
  readonly schemes: Schemes;
  /** What tells a report, by the name that `--format` and `-o` take. */
  readonly outputs: Readonly<Record<string, Reporter>>;
}

/** What keydrift comes with. */
export const defaults: Registries = { formats, schemes, outputs: reporters };

/** The registries of a run. */
export function registriesOf({ registries }: { readonly registries?: Registries }): Registries {
  return registries ?? defaults;
}
