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
  /** Absolute path of the page that is written. */
  readonly page: string;
  readonly signal: AbortSignal;
}

/** The job: it prints the slices that it would run, a row for each. */
const job = ['--', 'tail', '-n', '+2', '{participants}'];

/** The story: drift found, the gate that refuses it, a repair, and the incident explained. */
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
  const refused = await keydrift(scene, 121, 'run', 'participants', ...job);
  await explain(scene, refused, 'refused. The job did not start, and a retry would not help.');
  const without = ['run', '--use', 'deduplicated', 'participants', ...job];
  const once = await keydrift(scene, 0, ...without);
  await explain(
    scene,
    once,
    'the job’s own. It got each slice once, from the bytes that',
    'were judged.',
  );
  return [before, refused, once, ...(await repair(scene)), ...(await tellIncident(scene))];
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
  await scene.narrator.chapter('The reviewed routes are published');
  const published = await keydrift(scene, 0, 'publish', 'routes', '--yes');
  await explain(scene, published, 'the object is the file of that commit, and says so.');
  const after = await keydrift(scene, 0, 'audit', 'routes');
  await explain(scene, after, 'the job will do the work that was reviewed.');
  const run = await keydrift(scene, 0, 'run', 'routes', '--', 'tail', '-n', '+2', '{routes}');
  await explain(scene, run, 'the gate let it run.');
  return [published, after, run];
}

/** Where the page of the incident goes: the one thing that the demo leaves behind. */
export const incidentPage = 'keydrift-incident.html';

/** The incident of the participants: since when, from where, by which change, at what cost. */
async function tellIncident(scene: Scene): Promise<Outcome[]> {
  const { narrator, page } = scene;
  await narrator.chapter('The incident: since when, by which change, at what cost?');
  const slice = ['--scope', 'participant_id=P-1001', '--scope', 'region=EU'];
  const asked = ['investigate', 'participants', ...slice, '-o', `html:${page}`];
  const found = await keydrift(scene, 1, ...asked);
  await explain(
    scene,
    found,
    'the drift is still there: keydrift publish participants',
    `would end it. The same as a page to look at: ${incidentPage},`,
    'in the directory where you started this.',
  );
  return [found];
}

/** Runs keydrift as a person would: its output is its own. */
async function keydrift(
  { stage, narrator, cli, page, signal }: Scene,
  expected: number,
  ...args: readonly string[]
): Promise<Outcome> {
  // On several lines where it is long, as people write one.
  const words = args.map((word) => word.replace(page, incidentPage)).join(' ');
  const command = `keydrift ${words}`.replaceAll(/ (--scope|-o) /g, ' \\\n    $1 ');
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
      'node dist/keydrift.cjs --help                             all the commands',
    ].join('\n'),
  );
}
