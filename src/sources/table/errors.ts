import {
  KeydriftError,
  type EngineSettings,
  type ErrorCode,
  type HintText,
} from '../../model/index.ts';

/** Something that an engine said, and what is meant by it. */
export interface Meaning {
  readonly pattern: RegExp;
  readonly code: ErrorCode;
  readonly hint: HintText;
}

/** What engines say alike. */
const common: readonly Meaning[] = [
  {
    pattern:
      /out of memory|exceeded.*memory|memory limit|exceeds the maximum.*memory|exhausted resources/i,
    code: 'ENGINE_MEMORY',
    hint: 'Give the engine more memory, or judge a part of it (--scope).',
  },
  {
    pattern:
      /access denied|not authorized|unauthorized|forbidden|permission denied|credentials|\b40[13]\b/i,
    code: 'ENGINE_NOT_AUTHORIZED',
    hint: 'Whoever keydrift asks as may not read it: see the user, role or profile of the engine.',
  },
  {
    pattern:
      /(?:table|view|relation|path|schema|catalog|database)\b[^\n]*(?:does not exist|not found|cannot be found|is not found)|no files found|TABLE_OR_VIEW_NOT_FOUND|PATH_NOT_FOUND|TABLE_NOT_FOUND/i,
    code: 'ENGINE_NO_SUCH_TABLE',
    hint: 'Look at `table` in the contract, and at what the engine has.',
  },
];

/** An error of an engine, by its own words; `query` is what it calls the query. */
export function engineError(
  { name, kind }: EngineSettings,
  said: string,
  details: {
    readonly query?: string | null;
    readonly cause?: unknown;
    readonly own?: readonly Meaning[];
  } = {},
): KeydriftError {
  const { query = null, cause, own = [] } = details;
  const line = said.split('\n').find((one) => one.trim() !== '') ?? said;
  const found = [...own, ...common].find(({ pattern }) => pattern.test(said));
  const where = query === null ? '' : ` (query ${query})`;
  return new KeydriftError(
    found?.code ?? 'ENGINE_FAILED',
    `${name} (${kind})${where}: ${line.trim()}`,
    {
      cause,
      hint: found?.hint ?? {
        text: 'See the engine’s own log of this query, which is printed by',
        command: 'keydrift sql ARTIFACT',
      },
    },
  );
}

/** A package that a driver needs and that is not here. */
export function notInstalled(
  { name, kind }: EngineSettings,
  what: string,
  cause?: unknown,
): KeydriftError {
  return new KeydriftError(
    'ENGINE_NOT_INSTALLED',
    `${name} (${kind}) needs ${what}, which is not here`,
    {
      cause,
      hint: what.startsWith('@')
        ? { text: 'Install it beside keydrift', command: `npm install ${what}` }
        : null,
    },
  );
}
