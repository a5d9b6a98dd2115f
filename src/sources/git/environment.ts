import type { Environment } from '../../model/index.ts';

/**
 * Variables that bind git to one repository, as hooks set them (`git rev-parse --local-env-vars`,
 * and the namespace and pathspec modes). A location names its repository, the environment does not.
 * `GIT_CONFIG_COUNT` and `GIT_CONFIG_PARAMETERS` are in git's list too, but stay: credentials and
 * `safe.directory` of CI jobs live there, and they name no repository.
 */
const repositoryBound: readonly string[] = [
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_COMMON_DIR',
  'GIT_CONFIG',
  'GIT_DIR',
  'GIT_GLOB_PATHSPECS',
  'GIT_GRAFT_FILE',
  'GIT_ICASE_PATHSPECS',
  'GIT_IMPLICIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_INTERNAL_SUPER_PREFIX',
  'GIT_NAMESPACE',
  'GIT_NOGLOB_PATHSPECS',
  'GIT_OBJECT_DIRECTORY',
  'GIT_PREFIX',
  'GIT_REPLACE_REF_BASE',
  'GIT_SHALLOW_FILE',
  'GIT_WORK_TREE',
];

/** Transports that may carry a reviewed copy; helpers such as `ext::` run programs. */
const transports: readonly string[] = ['https', 'ssh', 'git', 'file'];

/**
 * Settings that win over those of a checkout: nothing that a checkout's own configuration names is
 * run. A bare repository inside of a working tree is none (git 2.38; keydrift looks for itself too).
 */
const safeSettings: readonly (readonly [name: string, value: string])[] = [
  ['safe.bareRepository', 'explicit'],
  ['core.fsmonitor', 'false'],
  ['core.hooksPath', '/dev/null'],
  ['log.showSignature', 'false'],
];

/** The same environment with more settings for git, which win over every file of configuration. */
export function withSettings(
  environment: Environment,
  settings: readonly (readonly [name: string, value: string])[],
): Environment {
  const ambient = environment['GIT_CONFIG_COUNT'] ?? '';
  const before = /^\d{1,4}$/.test(ambient) ? Number(ambient) : 0;
  const added = settings.flatMap(([name, value], index) => [
    [`GIT_CONFIG_KEY_${before + index}`, name] as const,
    [`GIT_CONFIG_VALUE_${before + index}`, value] as const,
  ]);
  return {
    ...environment,
    ...Object.fromEntries(added),
    GIT_CONFIG_COUNT: String(before + settings.length),
  };
}

/**
 * The ambient environment for git: read-only, without prompts, in English, bound to no repository.
 * Replace refs are off: they are local and never travel, so with them the bytes under a blob id
 * could differ from what was reviewed.
 */
export function gitEnvironment(ambient: Environment): Environment {
  const environment: Record<string, string | undefined> = { ...ambient };
  for (const name of repositoryBound) delete environment[name];
  return {
    ...withSettings(environment, safeSettings),
    GIT_LITERAL_PATHSPECS: '1',
    GIT_NO_LAZY_FETCH: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
    LC_ALL: 'C',
  };
}

/** For calls that must not reach a remote: a partial clone would fetch, and write, while read. */
export function offline(environment: Environment): Environment {
  return { ...environment, GIT_ALLOW_PROTOCOL: 'none' };
}

/** For a fetch: known transports only (fewer, where the ambient environment says so), and no stall. */
export function online(environment: Environment, silenceMs: number): Environment {
  const ambient = environment['GIT_ALLOW_PROTOCOL']?.split(':');
  const allowed = transports.filter((name) => ambient?.includes(name) ?? true);
  return {
    GIT_HTTP_LOW_SPEED_LIMIT: '1000',
    GIT_HTTP_LOW_SPEED_TIME: String(Math.max(1, Math.ceil(silenceMs / 1000))),
    ...environment,
    GIT_ALLOW_PROTOCOL: allowed.length === 0 ? 'none' : allowed.join(':'),
  };
}
