import { rmSync, type Stats } from 'node:fs';
import { mkdtemp, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { KeydriftError, shellQuote } from '../../model/index.ts';
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
 * Where others may write and nothing keeps them from others' files, they could put other files there:
 * in the directory itself, and where they may rename it or what it lies in.
 */
async function refuseOpen(place: string): Promise<void> {
  const why = whoRenames(await stat(place), 'in it');
  if (why !== null) throw openError(place, why);
  for (let at = dirname(place); ; at = dirname(at)) {
    const above = whoRenames(await stat(at), 'above it');
    if (above !== null) throw openError(at, above);
    if (at === dirname(at)) return;
  }
}

/** Why others could rename what lies in a directory; null: they cannot. */
function whoRenames({ mode, uid, gid }: Stats, where: 'in it' | 'above it'): string | null {
  const said = `mode ${(mode & 0o7777).toString(8)}, not sticky`;
  const isSticky = (mode & 0o1000) !== 0;
  if (!isSticky && (mode & 0o002) !== 0) return said;
  if (where === 'above it') return null;
  const own = process.getuid?.() ?? 0;
  if (uid !== own && uid !== 0) return `it belongs to user ${uid}`;
  return !isSticky && (mode & 0o020) !== 0 && gid !== process.getegid?.() ? said : null;
}

function openError(place: string, why: string): KeydriftError {
  const text = 'Nothing is handed over there. Name a directory of this user with KEYDRIFT_TMPDIR';
  const command = `chmod +t ${shellQuote(place)}`;
  return new KeydriftError(
    'PRIVATE_FILE_FAILED',
    `other users may rename what is in ${place} (${why})`,
    why.startsWith('mode')
      ? { hint: { text: `${text}, or let only its owner rename a file`, command } }
      : { hint: text },
  );
}

/**
 * Makes a directory (0700) with a name that nobody else has, and notes in it whose it is.
 * Throws `PRIVATE_FILE_FAILED`.
 */
export async function makePrivateDirectory(parent: string): Promise<PrivateDirectory> {
  let path: string;
  const owner = thisOwner();
  try {
    // An absolute path: the command may change its directory, and a link may be moved.
    const place = await realpath(parent);
    await refuseOpen(place);
    path = await mkdtemp(join(place, `${privatePrefix}${process.pid}-`));
  } catch (cause) {
    if (cause instanceof KeydriftError) throw cause;
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
