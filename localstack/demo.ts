import { join } from 'node:path';
import { watchInterruption } from './demo/interruption.ts';
import { keep } from './demo/keep.ts';
import { createNarrator } from './demo/narrator.ts';
import { help, parseOptions, type DemoOptions } from './demo/options.ts';
import { openStage } from './demo/stage.ts';
import { incidentPage, play, tellNext } from './demo/story.ts';
import { openClient, seed } from './seed.ts';

/** Absolute paths. */
export interface Places {
  /** The checkout. */
  readonly root: string;
  /** Where the demo was started. */
  readonly workingDirectory: string;
}

/**
 * `npm run demo`. Sets the exit code: 0 when every step gave the
 * one that it should, 1 when one did not or something failed, 2 for a wrong option. Interrupted,
 * it ends by the signal. It leaves nothing behind but the page of the incident.
 */
export async function main(places: Places, argv: readonly string[]): Promise<void> {
  const interruption = watchInterruption(process.stdout);
  // The SDK warns of Node versions that later SDKs will not support: no part of the story.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
  try {
    process.exitCode = await demo(places, argv, interruption.signal);
  } catch (error) {
    process.exitCode = 1;
    if (interruption.cause() === null) process.stderr.write(`demo: ${describe(error)}\n`);
  } finally {
    interruption.release();
  }
  const cause = interruption.cause();
  const done = process.exitCode === 0;
  if (cause !== null && cause !== 'closed' && !done) process.kill(process.pid, cause);
}

/** What failed; connection errors of Node have a code and no message. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? String(error.code) : error.name;
  return error.message === '' ? code : error.message;
}

async function demo(
  { root, workingDirectory }: Places,
  argv: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  let options: DemoOptions;
  try {
    options = parseOptions(argv, process.env);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${help}`);
    return 2;
  }
  const folder = join(root, 'localstack', 'seed');
  if (options.mode === 'help') {
    process.stdout.write(help);
    return 0;
  }
  if (options.mode === 'seed') return await seedOnly(folder, options.endpoint, signal);
  const { endpoint } = options;
  const stage = await openStage({ folder, endpoint, environment: process.env, signal });
  try {
    const cli = join(root, 'dist', 'keydrift.cjs');
    const page = join(workingDirectory, incidentPage);
    const scene = { stage, narrator: createNarrator(process.stdout), cli, page, signal };
    const differing = (await play(scene)).filter(({ expected, found }) => expected !== found);
    if (options.mode === 'keep') await keep(stage, scene.narrator, { cli, own: process.env });
    else await tellNext(scene.narrator);
    for (const { command, expected, found } of differing) {
      process.stderr.write(`demo: ${command} gave exit code ${found}, expected ${expected}\n`);
    }
    return differing.length === 0 ? 0 : 1;
  } finally {
    await stage.close();
  }
}

async function seedOnly(
  folder: string,
  endpoint: Parameters<typeof openClient>[0],
  signal: AbortSignal,
): Promise<number> {
  const client = openClient(endpoint);
  try {
    const written = await seed({ folder, client, signal });
    process.stdout.write(`${endpoint.url}: ${written.length} versions written\n`);
    return 0;
  } finally {
    client.destroy();
  }
}
