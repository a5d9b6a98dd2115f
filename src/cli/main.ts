#!/usr/bin/env node
import nodeModule from 'node:module';

// What newer Nodes offer; the program is loaded after it, so that it is compiled once.
const enableCompileCache: unknown = Reflect.get(nodeModule, 'enableCompileCache');
if (typeof enableCompileCache === 'function') enableCompileCache();

const argv = process.argv.slice(2);
try {
  const { runProgram } = await import('./program.ts');
  await runProgram(argv);
} catch (error) {
  // A broken installation: Node's own exit code for it is 1, which here means drift.
  console.error(error);
  process.exitCode = argv[0] === 'run' ? 125 : 2;
}
