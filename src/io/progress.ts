import { clipEnd, clipMiddle, escapeTerminal, widthOf } from '../report/index.ts';
import type { FleetFacts } from '../judge/context.ts';
import type { EventKind, Listener } from '../model/index.ts';
import type { Output } from './io.ts';

/** A line that tells how far a run is; nothing where stderr is no terminal (SPEC §4). */
export interface Progress {
  show(done: number, total: number, name: string, fleet?: FleetFacts): void;
  clear(): void;
  /** Hears of what goes on; null: nobody looks. */
  readonly listener: Listener | null;
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

/** A run that is over by then shows nothing; a line is not written oftener; a wait is counted. */
const quietMs = 300;
const restMs = 100;
const tickMs = 500;
/** What takes that long is waited for. */
const waitMs = 1000;
/** Columns of the copy's name before what is said of it. */
const widestLabel = 32;

/** What goes on in a run of one copy: what is read and how fast, what is waited for, retries. */
export interface Activity {
  readonly listener: Listener;
  /** What is known, in at most `room` columns: the first part is clipped, others are left out. */
  readonly line: (now: number, room: number) => string;
}

/** Watches a run of one copy. `now` in milliseconds. */
export function watchActivity(clock: () => number): Activity {
  const open = new Map<
    symbol,
    { readonly kind: EventKind; readonly subject: string; readonly at: number }
  >();
  let reading: Reading | null = null;
  let [step, retries] = ['', 0];
  return {
    listener: {
      begin(kind, subject, { attempt = 1 }) {
        if (Number(attempt) > 1) retries += 1;
        if (kind === 'step') step = subject;
        const token = Symbol(kind);
        open.set(token, { kind, subject, at: clock() });
        return () => {
          open.delete(token);
          if (kind === 'read' && reading?.subject === subject) reading = null;
        };
      },
      advance(subject, done, total) {
        const last = clock();
        const { at } = reading?.subject === subject ? reading : { at: last };
        reading = { subject, done, total, at, last };
      },
    },
    line(at, room) {
      // What comes in is not waited for, though its request is still open.
      const isStill = reading === null || at - reading.last >= waitMs;
      const first = [...open.values()].find((one) => isWait(one.kind) && at - one.at >= waitMs);
      const texts: readonly ((width: number) => string)[] = [
        ...(step === '' ? [] : [() => step]),
        ...(reading === null ? [] : [readingText(reading, at)]),
        ...(first === undefined || !isStill ? [] : [waitText(first, at)]),
        ...(retries === 0 ? [] : [() => (retries === 1 ? '1 retry' : `${retries} retries`)]),
      ];
      return texts.reduce((line, text) => {
        const before = line === '' ? '' : `${line}; `;
        const left = room - widthOf(before);
        const part = text(left);
        return widthOf(part) <= left ? before + part : line;
      }, '');
    },
  };
}

/** A copy that is read: bytes, and when in milliseconds it began and went on last. */
interface Reading {
  readonly subject: string;
  readonly done: number;
  readonly total: number;
  readonly at: number;
  readonly last: number;
}

function isWait(kind: EventKind): boolean {
  return kind === 'request' || kind === 'wait' || kind === 'git';
}

/** `reading s3://bucket/p.csv: 45.1 of 120.0 MiB, 12.3 MiB/s`. */
function readingText(
  { subject, done, total, at }: Reading,
  clock: number,
): (width: number) => string {
  const seconds = (clock - at) / 1000;
  const rate = seconds < 0.5 ? '' : `, ${mebibytes(done / seconds)} MiB/s`;
  return around('reading ', subject, `: ${sizes(done, total)}${rate}`);
}

/** `waiting for GET prod/p.csv (12 s)`. */
function waitText(
  { subject, at }: { readonly subject: string; readonly at: number },
  clock: number,
): (width: number) => string {
  return around('waiting for ', subject, ` (${Math.floor((clock - at) / 1000)} s)`);
}

/** Columns of a subject that say enough of it. */
const leastSubject = 16;

/** A text whose subject, a stranger's word, takes what the rest leaves of a width. */
function around(before: string, subject: string, after: string): (width: number) => string {
  const rest = widthOf(before) + widthOf(after);
  return (width) =>
    before + clipMiddle(escapeTerminal(subject), Math.max(leastSubject, width - rest)) + after;
}

/** `45.1 of 120.0 MiB`, `0.4 of 2.0 KiB`. */
function sizes(done: number, total: number): string {
  const isSmall = total < 2 ** 20;
  const shown = (bytes: number): string => (bytes / (isSmall ? 2 ** 10 : 2 ** 20)).toFixed(1);
  return `${shown(done)} of ${shown(total)} ${isSmall ? 'KiB' : 'MiB'}`;
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}

function now(): number {
  return performance.now();
}

/** The line of progress; where nobody looks nothing is watched, and the listener is null. */
export function createProgress(stream: Output): Progress {
  const nothing = { show: () => undefined, clear: () => undefined, listener: null };
  if (!stream.isTerminal) return nothing;
  const activity = watchActivity(now);
  const began = now();
  let [label, shown, isFleet, last] = ['', false, false, 0];
  /** Cleared: whoever writes now must not find a line of this on theirs. */
  let isOver = false;
  const write = (line: string): void => {
    void stream.write(eraseLine + clipEnd(line, stream.columns - 1));
    shown = true;
    last = now();
  };
  const render = (): void => {
    if (isOver || isFleet || now() - began < quietMs || now() - last < restMs) return;
    const lead = label === '' ? 'keydrift: ' : `keydrift: ${clipMiddle(label, widestLabel)}; `;
    const line = activity.line(now(), stream.columns - 1 - widthOf(lead));
    if (line !== '') write(lead + line);
    else if (label !== '') write(lead.replace(/; $/, ''));
  };
  const timer = setInterval(render, tickMs);
  timer.unref();
  return {
    show(done, total, name, fleet) {
      isOver = false;
      if (fleet !== undefined && total > 1) {
        isFleet = true;
        write(`keydrift: ${fleetLine(done, total, fleet)}`);
        return;
      }
      label =
        total < 2
          ? escapeTerminal(name)
          : `${escapeTerminal(name)}: ${count(done)} of ${count(total)}`;
      render();
    },
    clear() {
      clearInterval(timer);
      isOver = true;
      if (shown) void stream.write(eraseLine);
      shown = false;
    },
    listener: {
      begin(...begun) {
        const end = activity.listener.begin(...begun);
        render();
        return (facts) => {
          end(facts);
          render();
        };
      },
      advance(...told) {
        activity.listener.advance(...told);
        render();
      },
    },
  };
}
