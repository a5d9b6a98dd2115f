import { escapeTerminal } from '../report/index.ts';
import type { Output } from './io.ts';

/** A line that tells how far a run is; nothing where stderr is no terminal (SPEC §4). */
export interface Progress {
  show(done: number, total: number, name: string): void;
  clear(): void;
}

const eraseLine = '\r\u001B[2K';

export function createProgress(stream: Output): Progress {
  if (!stream.isTerminal) return { show: () => undefined, clear: () => undefined };
  let shown = false;
  return {
    show(done, total, name) {
      if (total < 2) return;
      const line = `keydrift: ${done} of ${total}, ${escapeTerminal(name)}`;
      void stream.write(eraseLine + line.slice(0, stream.columns - 1));
      shown = true;
    },
    clear() {
      if (shown) void stream.write(eraseLine);
      shown = false;
    },
  };
}
