#!/usr/bin/env node
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { enableCompileCache } from './io/compile-cache.ts';
import { openParts } from './io/parts.ts';
import type * as program from './commands/program.ts';

/** The part that the program is in, put in when it is built. */
declare const KEYDRIFT_PROGRAM: string;

const argv = process.argv.slice(2);
start().catch((error: unknown) => {
  // A broken installation: Node's own exit code for it is 1, which here means drift.
  console.error(error);
  process.exitCode = argv[0] === 'run' ? 125 : 2;
});

// CommonJS, as all of the bundle: Node starts sooner without its loader of ES modules.
async function start(): Promise<void> {
  enableCompileCache();
  const parts = openParts(join(__dirname, 'parts'), createRequire(__filename), 'used');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it was built of that file
  const { runProgram } = parts.load(KEYDRIFT_PROGRAM) as typeof program;
  await runProgram(argv);
}
