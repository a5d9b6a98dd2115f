import { escapeTerminal } from '../report/index.ts';
import type { FleetFacts } from '../judge/context.ts';
import type { Output } from './io.ts';

/** A line that tells how far a run is; nothing where stderr is no terminal (SPEC §4). */
export interface Progress {
  show(done: number, total: number, name: string, fleet?: FleetFacts): void;
  clear(): void;
}

/** `1,204 of 2,000, 12 drifted, 1 without a verdict, 310/s, 3 s left; slow: lookups.big (45 s)`. */
export function fleetLine(done: number, total: number, fleet: FleetFacts): string {
  const { drifted, failed, seconds, slow } = fleet;
  const rate = done / Math.max(seconds, 0.001);
  const left = Math.ceil((total - done) / Math.max(rate, 0.001));
  const parts = [
    `${count(done)} of ${count(total)}`,
    ...(drifted > 0 ? [`${count(drifted)} drifted`] : []),
    ...(failed > 0 ? [`${count(failed)} without a verdict`] : []),
    ...(done > 0 && seconds >= 1
      ? [`${rate < 10 ? rate.toFixed(1) : count(Math.round(rate))}/s`]
      : []),
    ...(done > 0 && seconds >= 1 && done < total ? [`${timeLeft(left)} left`] : []),
  ].join(', ');
  return slow === null ? parts : `${parts}; slow: ${escapeTerminal(slow.name)} (${slow.seconds} s)`;
}

function count(number: number): string {
  return number.toLocaleString('en-US');
}

function timeLeft(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

const eraseLine = '\r\u001B[2K';

export function createProgress(stream: Output): Progress {
  if (!stream.isTerminal) return { show: () => undefined, clear: () => undefined };
  let shown = false;
  return {
    show(done, total, name, fleet) {
      if (total < 2) return;
      const line =
        fleet === undefined
          ? `keydrift: ${done} of ${total}, ${escapeTerminal(name)}`
          : `keydrift: ${fleetLine(done, total, fleet)}`;
      void stream.write(eraseLine + line.slice(0, stream.columns - 1));
      shown = true;
    },
    clear() {
      if (shown) void stream.write(eraseLine);
      shown = false;
    },
  };
}
