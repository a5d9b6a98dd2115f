import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  KeydriftError,
  mostListed,
  type FileLocation,
  type ListedFile,
} from '../../model/index.ts';

/**
 * The files below a folder, through links to files; none where there is no folder. Throws
 * `FILE_NOT_READABLE`, `FILE_NOT_A_FILE` for a link to a folder, whose files might be listed twice,
 * and `TOO_LARGE`.
 */
export async function listFiles(folder: string): Promise<readonly ListedFile<FileLocation>[]> {
  const found: ListedFile<FileLocation>[] = [];
  const visit = async (inside: string): Promise<void> => {
    const at = join(folder, inside);
    const entries = await readdir(at, { withFileTypes: true }).catch((error: unknown) => {
      if (isAbsent(error)) return [];
      throw notReadable(at, error);
    });
    for (const entry of entries) {
      const name = `${inside}${entry.name}`;
      if (entry.isDirectory()) await visit(`${name}/`);
      else await add(name);
      if (found.length > mostListed) {
        throw new KeydriftError('TOO_LARGE', `more than ${mostListed} files lie below ${folder}`, {
          hint: 'Name a folder further in.',
        });
      }
    }
  };
  const add = async (name: string): Promise<void> => {
    const path = join(folder, name);
    const facts = await stat(path, { bigint: true }).catch((error: unknown) => {
      // It is gone by now, or a link leads nowhere.
      if (isAbsent(error)) return null;
      throw notReadable(path, error);
    });
    if (facts === null) return;
    if (facts.isDirectory()) {
      throw new KeydriftError('FILE_NOT_A_FILE', `${path} is a link to a folder`, {
        hint: 'Name the folder that it leads to.',
      });
    }
    if (!facts.isFile()) return;
    const { dev, ino, size, mtimeNs, ctimeNs } = facts;
    const content = [dev, ino, size, mtimeNs, ctimeNs].join(' ');
    found.push({ name, location: { kind: 'file', path }, bytes: Number(size), content });
  };
  await visit('');
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function isAbsent(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

function notReadable(path: string, cause: unknown): KeydriftError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
  return new KeydriftError('FILE_NOT_READABLE', `${path} cannot be read (${code})`, {
    cause,
    hint: 'Check the permissions of the folder: ls -ld.',
  });
}
