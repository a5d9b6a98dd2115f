import { rmSync } from 'node:fs';
import { mkdtemp, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { markProcess } from './processes.ts';
import { thisOwner, writeOwner } from './owner.ts';
import { privateFileError } from './private-file.ts';

/** A directory that only this user can look into, for the files of one run. */
export interface PrivateDirectory {
  readonly path: string;
  /** Notes that the command is about to be started: from now on the files may be in use. */
  noteStarting(): void;
  noteCommand(pid: number): void;
  /** Removes it and all that is in it; at once, so that a process that ends can do it. */
  remove(): void;
}

/** What the names of private directories begin with. */
export const privatePrefix = 'keydrift-run-';

/**
 * Makes a directory (0700) with a name that nobody else has, and notes in it whose it is.
 * Throws `PRIVATE_FILE_FAILED`.
 */
export async function makePrivateDirectory(parent: string): Promise<PrivateDirectory> {
  let path: string;
  const owner = thisOwner();
  try {
    // An absolute path: the command may change its directory, and a link may be moved.
    path = await mkdtemp(join(await realpath(parent), `${privatePrefix}${process.pid}-`));
  } catch (cause) {
    throw privateFileError(parent, cause);
  }
  const note = (command: Parameters<typeof writeOwner>[1]['command']): void => {
    writeOwner(path, { ...owner, command });
  };
  const remove = (): void => {
    try {
      rmSync(path, { recursive: true, force: true, maxRetries: 2 });
    } catch {
      // A command that outlives its parent may still write here; the next run removes it.
    }
  };
  try {
    note('none');
  } catch (cause) {
    remove();
    throw privateFileError(path, cause);
  }
  return {
    path,
    noteStarting() {
      try {
        note('starting');
      } catch (cause) {
        throw privateFileError(path, cause);
      }
    },
    noteCommand(pid) {
      try {
        note(markProcess(pid) ?? 'none');
      } catch {
        // The command runs: a full disk is no reason to disturb it, and `starting` stays.
      }
    },
    remove,
  };
}
