import { homedir } from 'node:os';
import { join } from 'node:path';
import { KeydriftError, type Environment } from '../../model/index.ts';
import { endlessKind, pipeAt, readNamed } from '../file/named.ts';
import type { Sdk } from './sdk.ts';

/** What the shared files say of a profile. */
export type Profile = Readonly<Record<string, string | undefined>>;

type Profiles = Readonly<Record<string, Profile>>;

/** The parts of the SDK that read files; what is put into its records, it does not read itself. */
type FileReader = Pick<Sdk, 'loadSharedConfigFiles' | 'externalDataInterceptor'>;

/**
 * What becomes of a pipe that the caller opened: it is read here, for the SDK; or `refused`, where
 * another SDK would read it.
 */
export type Pipes = ReadPipes | 'refused';

/** Pipes give what they have once, and several ways may name one. */
export interface ReadPipes {
  readonly withinMs: number;
  /** Those that were read, by what tells them apart. */
  readonly read: Map<string, Promise<Buffer>>;
}

/**
 * The profiles of both shared files; what is not there says nothing. Throws `LOCATION_INVALID` for what
 * never ends.
 */
export async function profilesOf(
  sdk: FileReader,
  environment: Environment,
  pipes: Pipes,
): Promise<Profiles> {
  await lookAtSharedFiles(sdk, environment, pipes);
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
async function lookAtSharedFiles(
  sdk: FileReader,
  environment: Environment,
  pipes: Pipes,
): Promise<void> {
  const home = homeOf(environment);
  const files = [
    ['AWS_CONFIG_FILE', 'config'],
    ['AWS_SHARED_CREDENTIALS_FILE', 'credentials'],
  ] as const;
  for (const [variable, name] of files) {
    const named = environment[variable] ?? '';
    const path = named.startsWith('~/') ? join(home ?? '', named.slice(2)) : named;
    if (path !== '') {
      const piped = await lookAt(path, `${variable} names`, pipes);
      if (piped !== null) sdk.externalDataInterceptor.interceptFile(path, String(piped));
    } else if (home !== null) await lookAt(join(home, '.aws', name), `~/.aws/${name} is`, pipes);
  }
}

/**
 * Looks at the files of tokens that the SDK reads keys with: those of the variables, and those of a
 * profile and the ones that it takes keys from. Throws `LOCATION_INVALID`.
 */
export async function lookAtTokenFiles(
  { externalDataInterceptor }: FileReader,
  environment: Environment,
  profiles: Profiles,
  name: string,
  pipes: Pipes,
): Promise<void> {
  const lookAtToken = async (path: string, names: string): Promise<void> => {
    const piped = await lookAt(path, names, pipes);
    if (piped !== null) externalDataInterceptor.interceptToken(path, String(piped));
  };
  const container = 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE';
  // The SDK reads it each time that it asks for keys.
  await lookAt(environment[container] ?? '', `${container} names`, 'refused');
  const identity = 'AWS_WEB_IDENTITY_TOKEN_FILE';
  await lookAtToken(environment[identity] ?? '', `${identity} names`);
  const seen = new Set<string>();
  for (let at: string | undefined = name; at !== undefined && !seen.has(at);) {
    seen.add(at);
    const word = 'web_identity_token_file';
    const profile: Profile = profiles[at] ?? {};
    await lookAtToken(profile[word] ?? '', `${word} of the profile ${at} names`);
    at = profile['source_profile'];
  }
}

/** The certificate authorities that a file names. Throws `LOCATION_INVALID`. */
export async function readCaBundle(
  environment: Environment,
  name: string,
  path: string,
  pipes: Pipes,
): Promise<Buffer> {
  const isOwn = (environment['AWS_CA_BUNDLE'] ?? '') === '';
  const names = isOwn ? `ca_bundle of the profile ${name} names` : 'AWS_CA_BUNDLE names';
  const piped = await lookAt(path, names, pipes);
  if (piped !== null) return piped;
  return await readNamed(path).catch((cause: unknown) => {
    throw new KeydriftError(
      'LOCATION_INVALID',
      `The certificate authorities in ${path} cannot be read.`,
      { cause, hint: 'It comes from AWS_CA_BUNDLE, or ca_bundle of the profile.' },
    );
  });
}

/** Throws for what never ends; gives what came out of a pipe, and null for any other name. */
async function lookAt(path: string, names: string, pipes: Pipes): Promise<Buffer | null> {
  const refused = (kind: string): KeydriftError =>
    new KeydriftError('LOCATION_INVALID', `${names} ${path}, ${kind}, not a regular file`, {
      hint: 'Name a file there, or /dev/null for none.',
    });
  const kind = path === '' ? null : await endlessKind(path);
  if (kind !== null) throw refused(kind);
  const pipe = await pipeAt(path);
  if (pipe === null) return null;
  if (pipes === 'refused') throw refused('a pipe, which can be read only once');
  const { withinMs: ms, read } = pipes;
  // A kibibyte a second, as of any body.
  const limit = { bytes: Math.ceil((ms * 1024) / 1000), ms, most: mostPiped };
  const reading = read.get(pipe) ?? readNamed(path, refused, null, limit);
  read.set(pipe, reading);
  return await reading;
}

/** No shared file, token, or list of certificate authorities is larger. */
const mostPiped = 1 << 24;

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
