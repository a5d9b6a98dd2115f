import { setFlagsFromString } from 'node:v8';

/** By V8's version, which of its names takes effect: what is not known there is told on stderr. */
const flags: Readonly<Record<string, string>> = {
  // Node 20 and 24. The defaults are 67,584 bytes of bytecode and 3,000 calls.
  '11.3': '--interrupt-budget=500000',
  '13.6': '--invocation-count-for-turbofan=24000',
};

/**
 * Has V8 compile code for speed when it ran for longer than usual. Most runs end in a second or two,
 * and what other threads compile until then costs more than it gives; what runs for long is
 * compiled a moment later.
 */
export function compileLater(version: string = process.versions.v8): void {
  const flag = flags[version.split('.').slice(0, 2).join('.')];
  if (flag !== undefined) setFlagsFromString(flag);
}
