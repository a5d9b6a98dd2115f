import { setFlagsFromString } from 'node:v8';

/**
 * Lets V8 optimize what runs for long only, and not what the few thousand rows of a report run
 * through: compiling that took a fifth of the CPU of a comparison. V8 11 of Node 20 waits for 132 KB
 * of executed bytecode; later ones have a compiler between, and no such flag.
 */
export function optimizeLate(): void {
  if (process.versions.v8.startsWith('11.')) setFlagsFromString('--interrupt-budget=2000000');
}
