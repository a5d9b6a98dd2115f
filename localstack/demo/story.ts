import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { putFile } from '../seed.ts';
import { runChild } from './child.ts';
import type { Narrator } from './narrator.ts';
import type { Stage } from './stage.ts';

const bucket = 'prod-runtime';

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

/** The story: an audit that finds drift, the repair, an audit that finds none. */
export async function play(scene: Scene): Promise<Outcome[]> {
  const { stage, narrator } = scene;
  await narrator.chapter('Is the file that the job will read the one that was reviewed?');
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
  await narrator.chapter('The audit before the run');
  const before = await audit(scene, 1);
  await explain(
    scene,
    before,
    'drift is a fact, and no retry helps. One slice would run three',
    'times, and one route leads to a queue that nobody reviewed. calendar has',
    'other bytes, and means the same.',
  );
  await narrator.chapter('The repaired copies are uploaded');
  await upload(stage);
  await narrator.say(
    'participants.csv without its redundant rows (a display name still differs,',
    'which the job does not read), and routes.csv as it was reviewed.',
  );
  const after = await audit(scene, 0);
  await explain(scene, after, 'the job will do the work that was reviewed, once.');
  return [before, after];
}

/** Runs `keydrift audit` as a person would: its output is its own. */
async function audit({ stage, narrator, cli, signal }: Scene, expected: number): Promise<Outcome> {
  const command = 'keydrift audit';
  await narrator.prompt(command);
  const found = await runChild(process.execPath, [cli, 'audit'], {
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

async function upload({ seed: options }: Stage): Promise<void> {
  const repaired = [
    { key: 'support/participants.csv', file: 'runtime/participants-cleaned.csv' },
    { key: 'support/routes.csv', file: 'support/routes.csv' },
  ];
  for (const { key, file } of repaired) await putFile(options, { bucket, key, file });
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
