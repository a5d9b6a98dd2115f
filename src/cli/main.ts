#!/usr/bin/env node
import nodeModule from 'node:module';

// What newer Nodes offer; the program is loaded after it, so that it is compiled once.
const enableCompileCache: unknown = Reflect.get(nodeModule, 'enableCompileCache');
if (typeof enableCompileCache === 'function') enableCompileCache();

const { runProgram } = await import('./program.ts');
await runProgram(process.argv.slice(2));
