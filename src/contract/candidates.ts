import { dirname, join, resolve } from 'node:path';

const fileNames: readonly string[] = ['keydrift.yaml', 'keydrift.yml', 'keydrift.json'];

/**
 * Where a contract may stand, nearest first: each of its file names in an absolute directory, then
 * in every one above it. Path arithmetic: nothing is read.
 */
export function contractCandidates(directory: string): readonly string[] {
  const candidates: string[] = [];
  let current = resolve(directory);
  for (;;) {
    for (const name of fileNames) candidates.push(join(current, name));
    const above = dirname(current);
    if (above === current) return candidates;
    current = above;
  }
}
