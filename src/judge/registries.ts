import { formats } from '../formats/index.ts';
import type { FormatRegistry } from '../model/index.ts';
import { reporters, type Reporter } from '../report/index.ts';

/**
 * What can be extended by one module and one line: each is a plain object by name. A run takes
 * them from here and nowhere else, so that a test can hand in more.
 */
export interface Registries {
  readonly formats: FormatRegistry;
  /** What tells a report, by the name that `--format` and `-o` take. */
  readonly outputs: Readonly<Record<string, Reporter>>;
}

/** What keydrift comes with. */
export const defaults: Registries = { formats, outputs: reporters };
