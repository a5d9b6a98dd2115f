import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';

/** A moment to wait for a reader of stderr, in milliseconds, and how often at most. */
const pauseMs = 10;
const mostPauses = 500;

/**
 * Writes to stderr by its descriptor, before it returns. `process.stderr` would make a pipe that the
 * command shares non-blocking. What cannot be written is lost: it never costs the command's result.
 */
export function writeStderr(text: string): void {
  const bytes = Buffer.from(text);
  let pauses = 0;
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(2, bytes, at);
    } catch (error) {
      const full = error instanceof Error && 'code' in error && error.code === 'EAGAIN';
      if (!full || pauses >= mostPauses) return;
      pauses += 1;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);
    }
  }
}

/** Columns of the terminal behind stderr, and whether it shows colour. */
export function stderrTerminal(): { readonly width: number; readonly color: boolean } {
  // Only a terminal is opened anew by the stream, and not shared.
  if (!isatty(2)) return { width: 80, color: false };
  return { width: process.stderr.columns ?? 80, color: process.stderr.hasColors() };
}
