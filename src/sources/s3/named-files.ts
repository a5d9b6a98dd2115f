import { homedir } from 'node:os';
import { join } from 'node:path';
import { KeydriftError } from '../../model/index.ts';
import { endlessKind } from '../file/named.ts';
import type { Environment } from './access.ts';
import type { Sdk } from './sdk.ts';

/** What the shared files say of a profile. */
export type Profile = Readonly<Record<string, string | undefined>>;

type Profiles = Readonly<Record<string, Profile>>;

/**
 * The profiles of both shared files; what is not there says nothing. Throws `LOCATION_INVALID` for what
 * never ends.
 */
export async function profilesOf(
  sdk: Pick<Sdk, 'loadSharedConfigFiles'>,
  environment: Environment,
): Promise<Profiles> {
  await lookAtSharedFiles(environment);
  const credentials = environment['AWS_SHARED_CREDENTIALS_FILE'];
  const config = environment['AWS_CONFIG_FILE'];
  const files = await sdk
    .loadSharedConfigFiles({
      ...(credentials === undefined ? {} : { filepath: credentials }),
      ...(config === undefined ? {} : { configFilepath: config }),
    })
    .catch(() => null);
  const { configFile = {}, credentialsFile = {} } = files ?? {};
  const names = Object.keys({ ...configFile, ...credentialsFile });
  return Object.fromEntries(
    names.map((name) => [name, { ...configFile[name], ...credentialsFile[name] }]),
  );
}

/**
 * Looks at the shared files before the SDK opens them: it would wait for a FIFO for ever, and no signal
 * would end that.
 */
async function lookAtSharedFiles(environment: Environment): Promise<void> {
  const home = homeOf(environment);
  const files = [
    ['AWS_CONFIG_FILE', 'config'],
    ['AWS_SHARED_CREDENTIALS_FILE', 'credentials'],
  ] as const;
  for (const [variable, name] of files) {
    const named = environment[variable] ?? '';
    const path = named.startsWith('~/') ? join(home ?? '', named.slice(2)) : named;
    if (path !== '') await look(path, `${variable} names`);
    else if (home !== null) await look(join(home, '.aws', name), `~/.aws/${name} is`);
  }
}

/**
 * Looks at the files of tokens that the SDK reads keys with: those of the variables, and those of a
 * profile and the ones that it takes keys from. Throws `LOCATION_INVALID`.
 */
export async function lookAtTokenFiles(
  environment: Environment,
  profiles: Profiles,
  name: string,
): Promise<void> {
  for (const variable of [
    'AWS_WEB_IDENTITY_TOKEN_FILE',
    'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
  ]) {
    await look(environment[variable] ?? '', `${variable} names`);
  }
  const seen = new Set<string>();
  for (let at: string | undefined = name; at !== undefined && !seen.has(at);) {
    seen.add(at);
    const word = 'web_identity_token_file';
    const profile: Profile = profiles[at] ?? {};
    await look(profile[word] ?? '', `${word} of the profile ${at} names`);
    at = profile['source_profile'];
  }
}

/** The same of the file of certificate authorities. Throws `LOCATION_INVALID`. */
export async function lookAtCaBundle(
  environment: Environment,
  name: string,
  path: string | null,
): Promise<void> {
  const isOwn = (environment['AWS_CA_BUNDLE'] ?? '') === '';
  await look(path ?? '', isOwn ? `ca_bundle of the profile ${name} names` : 'AWS_CA_BUNDLE names');
}

async function look(path: string, names: string): Promise<void> {
  const kind = path === '' ? null : await endlessKind(path);
  if (kind === null) return;
  throw new KeydriftError('LOCATION_INVALID', `${names} ${path}, ${kind}, not a regular file`, {
    hint: 'Name a file there, or /dev/null for none.',
  });
}

/** Where `~` is, as the SDK finds it; null: nowhere. */
function homeOf(environment: Environment): string | null {
  const named = (environment['HOME'] ?? '') || (environment['USERPROFILE'] ?? '');
  if (named !== '') return named;
  try {
    return homedir();
  } catch {
    return null;
  }
}
