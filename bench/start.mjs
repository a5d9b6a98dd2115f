// A cold start: 10,000 rows of git against a file, whole process.
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { columns } from './engines.mjs';
import { generate } from './generate.mjs';
import { inRounds, measureBare } from './measure.mjs';
import { commitAll } from './repository.mjs';

/** Median wall time in ms for each Node: of the diff over a node that does nothing, and of that. */
export async function coldStarts(program, nodes, rounds) {
  const { reviewed, runtime } = await generate(10_000, resolve('bench/data/10000'));
  const directory = await mkdtemp(join(tmpdir(), 'keydrift-bench-git-'));
  try {
    await copyFile(reviewed, join(directory, 'reviewed.csv'));
    commitAll(directory);
    const diff = [program, 'diff', 'reviewed.csv', `file:${runtime}`, ...columns];
    const commands = Object.fromEntries(
      nodes.flatMap((node, at) => [
        [`idle ${at}`, () => measureBare(node, ['-e', '0'])],
        [`diff ${at}`, () => measureBare(node, diff, { cwd: directory })],
      ]),
    );
    // The first round warms up.
    await inRounds(1, commands);
    const found = await inRounds(rounds, commands, (name, { code }) => {
      if (name.startsWith('diff') && code !== 1) throw new Error(`${name}: exit code ${code}`);
    });
    return nodes.map((_, at) => {
      const idle = found[`idle ${at}`].wall;
      return { idle, over: found[`diff ${at}`].wall - idle };
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
