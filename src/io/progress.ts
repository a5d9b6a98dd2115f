import { escapeTerminal } from '../report/index.ts';
import { columnsOf } from './terminal.ts';

/** A line that tells how far a run is; nothing where stderr is no terminal (SPEC §4). */
export interface Progress {
  show(done: number, total: number, name: string): void;
  clear(): void;
}

const eraseLine = '\r\u001B[2K';

export function createProgress(stream: NodeJS.WriteStream): Progress {
  if (!stream.isTTY) return { show: () => undefined, clear: () => undefined };
  let shown = false;
  return {
    show(done, total, name) {
      if (total < 2) return;
      const line = `keydrift: ${done} of ${total}, ${escapeTerminal(name)}`;
      stream.write(eraseLine + line.slice(0, columnsOf(stream) - 1));
      shown = true;
    },
    clear() {
      if (shown) stream.write(eraseLine);
      shown = false;
    },
  };
}
