#!/usr/bin/env node
import { processIo } from './io/process.ts';
import { enableCompileCache } from './io/cache-directory.ts';

const io = processIo();
enableCompileCache(io.environment);
start().catch((error: unknown) => {
  // A broken installation: Node's own exit code for it is 1, which here means drift.
  console.error(error);
  io.exit(io.words[0] === 'run' || io.words[0] === 'gate' ? 125 : 2);
});

/** All was written: a connection that lingers must not hold up the end. */
async function start(): Promise<void> {
  const { main } = await import('./commands/program.ts');
  io.exit(await main(io));
}
