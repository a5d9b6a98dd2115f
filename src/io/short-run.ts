import { setFlagsFromString } from 'node:v8';

/**
 * V8's flags for a process that ends within seconds, by the major version of Node for which they
 * were tried: others may not know them. Compiling what is called some thousand times takes longer
 * than it saves (a second of a file that drifts everywhere is the price), and the young generation
 * would grow to hold what lives until the end anyway.
 */
const flags: Readonly<Record<string, readonly string[]>> = {
  20: ['--interrupt-budget=4000000', '--semi-space-growth-factor=1'],
  24: ['--semi-space-growth-factor=1'],
};

/**
 * Sets this process up for a short run. Only where no further part of the program is loaded: V8
 * rejects what was compiled ahead under other flags.
 */
export function expectShortRun(): void {
  const [major = ''] = process.versions.node.split('.');
  for (const flag of flags[major] ?? []) setFlagsFromString(flag);
}
