import { createHash } from 'node:crypto';
import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checksumOfBlob } from './bytes.ts';
import { askGit } from './queries.ts';
import type { Repository } from './repository.ts';
import { smallBlob, type Blob } from './tree.ts';

/** What turns a file of the working tree into another blob; lines that end in CR LF are looked at here. */
const filters = ['filter', 'ident', 'working-tree-encoding'];

/**
 * Whether the working tree has a file at a path that is not what a commit has there: somebody edited
 * it since. A file that is gone was not edited; of a large one only its size tells. No filter is run:
 * where one is set for the path, nothing is said.
 */
export async function isEdited(repository: Repository, path: string, blob: Blob): Promise<boolean> {
  if (repository.root === null) return false;
  const file = join(repository.root, path);
  const found = await lstat(file).catch(() => null);
  if (found?.isFile() !== true) return false;
  const small = Math.max(found.size, blob.bytes) <= smallBlob;
  if (found.size === blob.bytes && !small) return false;
  const bytes = small ? await readFile(file).catch(() => null) : null;
  if (bytes !== null && (isBlob(bytes, blob) || isBlob(withoutReturns(bytes), blob))) return false;
  const told = await askGit(repository, ['check-attr', '-z', ...filters, 'text', '--', path]);
  if (told === null) return false;
  // Path, attribute and value, each ended by NUL.
  const values = told.split('\0').filter((_part, index) => index % 3 === 2);
  const [text] = values.slice(-1);
  const unset = values.slice(0, -1).every((value) => value === 'unspecified' || value === 'unset');
  return unset && (small || text === 'unspecified' || text === 'unset');
}

function isBlob(bytes: Uint8Array, { id, bytes: length }: Blob): boolean {
  if (bytes.length !== length) return false;
  const { algorithm, prefix, digest } = checksumOfBlob(id, length);
  return createHash(algorithm).update(prefix).update(bytes).digest('hex') === digest;
}

/** As git stores a text whose lines end in CR LF in the working tree. */
function withoutReturns(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
}
