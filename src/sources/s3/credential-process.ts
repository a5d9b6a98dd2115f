import type { Readable } from 'node:stream';
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { memberOf } from '../../model/index.ts';
import { durationText, ownFault, ownFaults } from './transport.ts';

/** Keys, as the SDK takes them. */
interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/**
 * What a profile's `credential_process` prints, by the AWS CLI's rules (`Version` 1). It is a command
 * line of the user's own shared files, and the shell's to read, as in every AWS tool. One that takes
 * longer than that is killed.
 */
export async function askProcess(command: string, ms: number): Promise<Keys> {
  const child = spawn(command, { shell: true, stdio: ['ignore', 'pipe', 'ignore'] });
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill('SIGKILL');
    // What it started may hold the other end.
    child.stdout.destroy();
  }, ms * 0.9);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('exit', resolve);
  });
  try {
    const [code, printed] = await Promise.all([ended, textOf(child)]);
    if (late) {
      throw ownFault(ownFaults.limit, `credential_process gave nothing within ${durationText(ms)}`);
    }
    const keys = code === 0 && printed !== null ? readKeys(printed) : null;
    if (printed === null) throw noKeys('printed too much');
    if (keys !== null) return keys;
    const why = code === 0 ? 'printed no keys (Version 1)' : `ended with exit code ${code}`;
    throw noKeys(why);
  } finally {
    clearTimeout(timer);
  }
}

function noKeys(why: string): Error {
  return Object.assign(new Error(`credential_process ${why}`), {
    name: 'CredentialsProviderError',
  });
}

/** Keys are short: what prints more is ended. */
const mostPrinted = 1024 * 1024;

/** What a program prints, '' where its output broke off; null: too much. */
async function textOf(child: ChildProcessByStdio<null, Readable, null>): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of child.stdout as AsyncIterable<Uint8Array>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > mostPrinted) {
        child.kill('SIGKILL');
        return null;
      }
    }
  } catch {
    return '';
  }
  return Buffer.concat(chunks).toString();
}

function readKeys(printed: string): Keys | null {
  let said: unknown;
  try {
    said = JSON.parse(printed);
  } catch {
    return null;
  }
  const word = (name: string): string | undefined => {
    const value = memberOf(said, name);
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const [accessKeyId, secretAccessKey] = [word('AccessKeyId'), word('SecretAccessKey')];
  if (accessKeyId === undefined || secretAccessKey === undefined) return null;
  const [sessionToken, expires] = [word('SessionToken'), Date.parse(word('Expiration') ?? '')];
  return {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken === undefined ? {} : { sessionToken }),
    ...(Number.isNaN(expires) ? {} : { expiration: new Date(expires) }),
  };
}
