import { createHash } from 'node:crypto';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { privateFileError, type PrivateFile } from './private-file.ts';

export type { PrivateFile } from './private-file.ts';

/** Text is gathered up to this many characters: a write for each row would be slow. */
const writeLength = 256 * 1024;

/** Writes a new file that its owner can only read (0400), piece by piece and before each returns. */
export interface PrivateWriter {
  write(text: string): void;
  /** All of it is written. */
  end(): PrivateFile;
  /** What is half written is removed. */
  discard(): void;
}

/** Throws `PRIVATE_FILE_FAILED`, as all that it gives does. */
export function createPrivateWriter(path: string): PrivateWriter {
  const guarded = <T>(step: () => T): T => {
    try {
      return step();
    } catch (cause) {
      throw privateFileError(path, cause);
    }
  };
  const descriptor = guarded(() => openSync(path, 'wx', 0o400));
  const hash = createHash('sha256');
  let gathered = '';
  let bytes = 0;
  let open = true;
  const flush = (): void => {
    const piece = Buffer.from(gathered);
    gathered = '';
    hash.update(piece);
    bytes += piece.length;
    guarded(() => {
      for (let at = 0; at < piece.length;) at += writeSync(descriptor, piece, at);
    });
  };
  const close = (): void => {
    if (open) closeSync(descriptor);
    open = false;
  };
  return {
    write(text) {
      gathered += text;
      if (gathered.length >= writeLength) flush();
    },
    end() {
      flush();
      guarded(close);
      return { path, bytes, sha256: hash.digest('hex') };
    },
    discard() {
      close();
      rmSync(path, { force: true });
    },
  };
}
