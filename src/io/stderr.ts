import { writeSync } from 'node:fs';

/** A moment to wait for a reader of stderr, in milliseconds, and how often at most. */
const pauseMs = 10;
const mostPauses = 500;

/** Writes to stderr by its descriptor, before it returns. What cannot be written is lost. */
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
