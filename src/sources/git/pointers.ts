import { pointerLimit, readPointer, type LfsPointer } from './lfs.ts';
import type { OpenRepository } from './repository.ts';

/** The Git LFS pointers among some blobs, whose sizes are given by id. */
export async function pointersAmong(
  { batch }: OpenRepository,
  sizes: ReadonlyMap<string, number>,
): Promise<ReadonlyMap<string, LfsPointer>> {
  const small = [...sizes].filter(([, bytes]) => bytes < pointerLimit);
  const pointers = new Map<string, LfsPointer>();
  const read = async ([id]: readonly [string, number]): Promise<void> => {
    const pointer = readPointer((await batch.read(id)).bytes);
    if (pointer !== null) pointers.set(id, pointer);
  };
  await Promise.all(small.map(read));
  return pointers;
}
