// A cold start: 10,000 rows of git against a file, whole process.
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { columns } from './engines.mjs';
import { generate } from './generate.mjs';
import { measure, median } from './measure.mjs';
import { commitAll } from './repository.mjs';

/** Median wall time in ms for each Node: of the diff, and of a node that does nothing. */
export async function coldStarts(program, nodes, runs) {
  const { reviewed, runtime } = await generate(10_000, resolve('bench/data/10000'));
  const directory = await mkdtemp(join(tmpdir(), 'keydrift-bench-git-'));
  try {
    await copyFile(reviewed, join(directory, 'reviewed.csv'));
    commitAll(directory);
    const diff = [program, 'diff', 'reviewed.csv', `file:${runtime}`, ...columns];
    const found = nodes.map((node) => ({ node, diff: [], idle: [] }));
    // The first round warms up.
    for (let round = -1; round < runs; round += 1) {
      for (const { node, diff: diffs, idle } of found) {
        const bare = await measure(node, ['-e', '0'], { bare: true });
        const run = await measure(node, diff, { cwd: directory, bare: true });
        if (run.code !== 1) throw new Error(`exit code ${run.code}: ${run.stderr}`);
        if (round >= 0) [diffs, idle].forEach((list, at) => list.push(at === 0 ? run : bare));
      }
    }
    return found.map(({ diff: diffs, idle }) => ({
      diff: median(diffs, 'wall'),
      idle: median(idle, 'wall'),
    }));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
