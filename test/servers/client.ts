import {
  MessageChannel,
  receiveMessageOnPort,
  Worker,
  type MessagePort,
} from 'node:worker_threads';
import type { Shared } from './front.ts';

/** What a request gave. */
interface Told {
  readonly VersionId?: string;
  readonly ETag?: string;
  readonly error?: string;
}

export type Client = (
  command: string,
  input: object,
  headers?: Readonly<Record<string, string>>,
) => Told;

/** Requests by the SDK in another thread, for whoever writes an object without waiting. */
export function openClient({ endpoint, region, credentials }: Shared): Client {
  const { port1: here, port2: there }: { port1: MessagePort; port2: MessagePort } =
    new MessageChannel();
  const turns = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(working, {
    eval: true,
    workerData: { there, turns, options: { endpoint, region, credentials } },
    transferList: [there],
    env: { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
  });
  worker.unref();
  return (command: string, input: object, headers: Readonly<Record<string, string>> = {}): Told => {
    const turn = Atomics.load(turns, 0);
    here.postMessage({ command, input, headers }, []);
    Atomics.wait(turns, 0, turn, 60_000);
    const told = receiveMessageOnPort(here)?.message as Told | undefined;
    if (told === undefined) throw new Error(`${command}: no answer`);
    if (told.error !== undefined) throw new Error(`${command}: ${told.error}`);
    return told;
  };
}

const working = `
const { workerData: { there, turns, options } } = require('node:worker_threads');
const sdk = require('@aws-sdk/client-s3');
const client = new sdk.S3Client({ forcePathStyle: true, requestChecksumCalculation: 'WHEN_REQUIRED', ...options });
let extra = {};
client.middlewareStack.add((next) => (args) => {
  for (const [name, value] of Object.entries(extra)) args.request.headers[name] = value;
  return next(args);
}, { step: 'build', priority: 'low' });
there.on('message', async ({ command, input, headers }) => {
  extra = headers;
  let told;
  try {
    const output = await client.send(new sdk[command + 'Command'](input));
    told = { VersionId: output.VersionId, ETag: output.ETag?.replaceAll('"', '') };
  } catch (error) {
    told = { error: String(error) };
  }
  there.postMessage(told);
  Atomics.add(turns, 0, 1);
  Atomics.notify(turns, 0);
});
`;
