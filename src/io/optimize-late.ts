import { setFlagsFromString } from 'node:v8';

/**
 * Lets V8 wait before it optimizes JavaScript for good. What is hot here is WebAssembly, which has
 * its own measure; JavaScript reads few thousand rows again and ends: of a million rows a fifth of
 * all CPU time went into code that was hardly run. A run that lists all of 400,000 findings takes
 * what it took. V8 names the measure otherwise from 12 on; one that it does not know it complains of.
 */
export function optimizeLate(): void {
  const [major] = process.versions.node.split('.').map(Number);
  const flag = flags[major!];
  if (flag !== undefined) setFlagsFromString(flag);
}

/** By Node's major version. V8's own are 67,584 bytes of bytecode, and 3,000 calls. */
const flags: Readonly<Record<number, string>> = {
  20: '--interrupt-budget=528000',
  22: '--invocation-count-for-turbofan=100000',
  24: '--invocation-count-for-turbofan=100000',
};
