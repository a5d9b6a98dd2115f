import { isSwitchedOn } from './environment.ts';

/** Columns of a terminal. One that tells none (0, as in many containers) is taken for a usual one. */
export function columnsOf(stream: NodeJS.WriteStream): number {
  return stream.columns > 0 ? stream.columns : 80;
}

/**
 * Whether a stream shows colour: a terminal that has it, and nobody said no. The flag is looked for
 * in the words themselves, because a usage error is told before they are understood.
 */
export function hasColor(stream: NodeJS.WriteStream): boolean {
  if (isSwitchedOn('KEYDRIFT_NO_COLOR') || process.argv.includes('--no-color')) return false;
  return stream.isTTY && stream.hasColors();
}
