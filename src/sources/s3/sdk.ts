import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import type * as commands from './commands.ts';

/** The SDK, as far as it is used. */
export type Sdk = typeof commands;

type Logger = NonNullable<S3ClientConfig['logger']>;

/** Loads the SDK: a run without S3 does not pay the time and memory that it takes. */
export async function loadSdk(): Promise<Sdk> {
  giveHome();
  return await import('./commands.ts');
}

/**
 * Node throws for a user without HOME and without an entry in the list of users, and the SDK asks it
 * for the place of files that nobody needs there: it is told of one in which nothing can be.
 */
function giveHome(): void {
  try {
    os.homedir();
  } catch {
    Object.assign(os, { homedir: () => os.devNull });
    syncBuiltinESMExports();
  }
}

/** Without a logger of one's own, parts of the SDK write to the console. */
export const silence: Logger = {
  trace: ignore,
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
};

function ignore(): void {}

const warningSwitch = 'AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED';

/**
 * The first client of a process warns on stderr of Node versions that later SDKs will not
 * support. The variable is set only meanwhile: child processes inherit the environment.
 */
export function construct(sdk: Sdk, config: S3ClientConfig): S3Client {
  const before = process.env[warningSwitch];
  process.env[warningSwitch] = 'true';
  try {
    const client = new sdk.S3Client(config);
    // It would go through every input and output, to tell nobody.
    client.middlewareStack.remove('loggerMiddleware');
    return client;
  } finally {
    if (before === undefined) delete process.env[warningSwitch];
    else process.env[warningSwitch] = before;
  }
}
