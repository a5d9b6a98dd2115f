import { ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { once } from 'node:events';
import { endpointVariables, foreignVariables, type Environment } from './environment.ts';
import type { Narrator } from './narrator.ts';
import type { Stage } from './stage.ts';

const bucket = 'prod-runtime';
const key = 'support/routes.csv';

/** Leaves the stage standing, says how to play on it, and returns on Ctrl-C. */
export async function keep(
  stage: Stage,
  narrator: Narrator,
  { cli, own }: { readonly cli: string; readonly own: Environment },
): Promise<void> {
  const { signal } = stage.seed;
  await narrator.chapter('The stage is yours');
  await narrator.say('Server and repository stay until you press Ctrl-C. In another terminal:');
  await narrator.show(setUp(stage, cli, own));
  await narrator.say('The audit for a program:');
  await narrator.show('keydrift audit --format json');
  await narrator.say('The routes as they were before, which the bucket still has:');
  await narrator.show(await diffOfEdited(stage));
  await narrator.say('What a change of a reviewed copy would do to the work:');
  await narrator.show(
    'tail -n 1 support/participants.csv >> support/participants.csv\n' +
      'keydrift lint participants --base HEAD',
  );
  await narrator.say('Ctrl-C here stops the server and removes the repository.');
  if (signal !== undefined && !signal.aborted) await once(signal, 'abort');
}

/** Commands that make a shell of this stage; a function, because scripts have no aliases. */
function setUp({ repository, endpoint }: Stage, cli: string, own: Environment): string {
  const outranking = foreignVariables(own);
  return [
    `cd ${quote(repository)}`,
    `keydrift() { node ${quote(cli)} "$@"; }`,
    ...Object.entries(endpointVariables(endpoint)).map(
      ([name, value]) => `export ${name}=${quote(value)}`,
    ),
    ...(outranking.length === 0 ? [] : [`unset ${outranking.join(' ')}`]),
  ].join('\n');
}

async function diffOfEdited({ seed: { client, signal } }: Stage): Promise<string> {
  const list = new ListObjectVersionsCommand({ Bucket: bucket, Prefix: key });
  const { Versions: versions = [] } = await client.send(list, signal && { abortSignal: signal });
  // Newest first: the repaired copy, then the one that was edited by hand.
  const edited = versions.filter((version) => version.Key === key)[1]?.VersionId ?? '';
  return [
    `version=${quote(edited)}`,
    `keydrift diff --key route --descriptive description ${key} \\`,
    `  "s3://${bucket}/${key}?versionId=$version"`,
  ].join('\n');
}

/** An argument as a POSIX shell reads it back. */
function quote(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument)
    ? argument
    : `'${argument.replaceAll("'", String.raw`'\''`)}'`;
}
