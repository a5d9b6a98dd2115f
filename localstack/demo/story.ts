import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runChild } from './child.ts';
import type { Narrator } from './narrator.ts';
import type { Stage } from './stage.ts';

/** What a step gave, and should have given. */
interface Outcome {
  readonly command: string;
  readonly expected: number;
  readonly found: number;
}

/** What the story is played with. */
interface Scene {
  readonly stage: Stage;
  readonly narrator: Narrator;
  /** The built command line. */
  readonly cli: string;
  readonly signal: AbortSignal;
}

/** The job: it prints the slices that it would run, a row for each. */
const job = ['--', 'tail', '-n', '+2', '{participants}'];

/** The story: drift found, the gate that refuses it, the repair, and the job that runs. */
export async function play(scene: Scene): Promise<Outcome[]> {
  const { narrator } = scene;
  await narrator.chapter('Is the file that the job will read the one that was reviewed?');
  await introduce(scene);
  await narrator.chapter('The audit before the run');
  const before = await keydrift(scene, 1, 'audit');
  await explain(
    scene,
    before,
    'drift is a fact, and no retry helps. One slice would run three',
    'times, and one route leads to a queue that nobody reviewed. calendar has',
    'other bytes, and means the same.',
  );
  await narrator.chapter('The gate before the job');
  const refused = await keydrift(scene, 120, 'run', 'participants', ...job);
  await explain(scene, refused, 'refused. The job did not start, and a retry would not help.');
  const without = ['run', '--use', 'deduplicated', 'participants', ...job];
  const once = await keydrift(scene, 0, ...without);
  await explain(
    scene,
    once,
    'the job’s own. It got each slice once, from the bytes that',
    'were judged.',
  );
  return [before, refused, once, ...(await repair(scene))];
}

async function introduce({ stage, narrator }: Scene): Promise<void> {
  await narrator.say(
    'A nightly job runs one slice of work for each row of participants.csv. The',
    'reviewed copy is in git: 4 rows, 4 slices. The job reads another copy, from',
    'S3, which was edited by hand since:',
  );
  const drifted = join(stage.seed.folder, 'runtime', 'participants-3.csv');
  await narrator.show(await readFile(drifted, 'utf8'));
  await narrator.say(
    'P-1001 stands there three times, each time in other words. The job will run',
    'it three times, and write the same partition three times: the output stays',
    'correct, and nobody sees it.',
  );
}

/** What was reviewed is published; then nothing is left to find, and the gate lets the job run. */
async function repair(scene: Scene): Promise<Outcome[]> {
  await scene.narrator.chapter('The reviewed copies are published');
  const published = await keydrift(scene, 0, 'publish', 'participants', 'routes', '--yes');
  await explain(scene, published, 'the objects are the files of that commit, and say so.');
  const after = await keydrift(scene, 0, 'audit');
  await explain(scene, after, 'the job will do the work that was reviewed, once.');
  const run = await keydrift(scene, 0, 'run', 'participants', ...job);
  await explain(scene, run, 'the gate let it run.');
  return [published, after, run];
}

/** Runs keydrift as a person would: its output is its own. */
async function keydrift(
  { stage, narrator, cli, signal }: Scene,
  expected: number,
  ...args: readonly string[]
): Promise<Outcome> {
  const command = `keydrift ${args.join(' ')}`;
  await narrator.prompt(command);
  const found = await runChild(process.execPath, [cli, ...args], {
    directory: stage.repository,
    environment: stage.environment,
    output: 'shared',
    signal,
  });
  return { command, expected, found };
}

/** What an exit code means; the rest of the explanation holds for the expected one only. */
async function explain(
  { narrator }: Scene,
  { expected, found }: Outcome,
  meaning: string,
  ...lines: readonly string[]
): Promise<void> {
  await narrator.pause();
  if (expected === found) await narrator.say(`Exit code ${found}: ${meaning}`, ...lines);
  else await narrator.say(`Exit code ${found}, and it should be ${expected}.`);
}

/** What somebody who has just cloned the repository may try. */
export async function tellNext(narrator: Narrator): Promise<void> {
  await narrator.chapter('What to try next');
  await narrator.show(
    [
      'npm run demo -- --keep          keep this server and repository, and play',
      'cat localstack/seed/keydrift.yaml           the contract that was audited',
      'node dist/keydrift.js --help                             all the commands',
    ].join('\n'),
  );
}
