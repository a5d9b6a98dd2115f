import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { tmpdir } from 'node:os';
import { makePrivateDirectory } from '../io/private/private-directory.ts';
import { writePrivateFile } from '../io/private/private-file.ts';
import { removeStale } from '../io/private/stale.ts';
import { defaultLimits, KeydriftError, type Limits, type StdinLocation } from '../model/index.ts';
import { inTimeLeft } from '../judge/time.ts';
import type { Call } from './call.ts';

/** What came on stdin, in a file of its own. */
export interface Spooled {
  readonly location: StdinLocation;
  remove(): void;
}

/**
 * Reads stdin to its end into a private file, because a stream cannot be pinned and read twice.
 * Throws `USAGE` where a person sits at it, `TOO_LARGE` beyond the limit, and `TIMEOUT` where its
 * writer takes longer than these seconds; null: it may.
 */
export async function spoolStdin(
  { io }: Call,
  { bytes: most }: Partial<Limits>,
  seconds: number | null,
): Promise<Spooled> {
  if (io.stdin.isTTY === true) {
    throw new KeydriftError('USAGE', '- is stdin, and stdin is this terminal', {
      hint: 'Pipe a file in, or name it in the place of -.',
    });
  }
  const temporary = io.environment['KEYDRIFT_TMPDIR'] ?? '';
  const place = resolve(io.workingDirectory, temporary === '' ? tmpdir() : temporary);
  await removeStale(place, io.now());
  const directory = await makePrivateDirectory(place);
  const letGo = io.atExit(() => directory.remove());
  const remove = (): void => {
    directory.remove();
    letGo();
  };
  try {
    const path = join(directory.path, 'stdin');
    const spool = (): Promise<unknown> =>
      writePrivateFile(path, bounded(io.stdin, most ?? defaultLimits.bytes));
    await inTimeLeft(spool, { seconds, stop: undefined }, '--timeout');
    return { location: { kind: 'stdin', path }, remove };
  } catch (thrown) {
    // Else it would be waited for all the same.
    if (io.stdin instanceof Readable) io.stdin.destroy();
    remove();
    throw thrown;
  }
}

async function* bounded(
  stream: AsyncIterable<string | Buffer>,
  most: number,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of stream) {
    const piece = Buffer.from(chunk);
    bytes += piece.length;
    if (bytes > most) {
      throw new KeydriftError('TOO_LARGE', `stdin has more than ${most} bytes, the limit`, {
        hint: 'If that is right: --limits bytes=20GiB',
      });
    }
    yield piece;
  }
}
