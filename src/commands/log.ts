import { Option } from 'commander';
import { isSwitchedOn, type Io, version } from '../io/io.ts';
import type { EventFacts, EventKind, Listener } from '../model/index.ts';
import { commandLines, escapeTerminal, withCode, wrap } from '../report/index.ts';
import { orVariable } from './variables.ts';

/** How stderr is written (`--log-format`). */
export const logFormats = ['text', 'json'] as const;
export type LogFormat = (typeof logFormats)[number];

/** What every command says of its stderr. */
export function logOptions(): Option[] {
  const format = new Option('--log-format <format>', 'how stderr is written: text or json');
  return [
    orVariable(
      new Option(
        '-v, --verbose',
        'say on stderr what goes on: requests, retries, waits, copies, engines',
      ),
    ),
    orVariable(format.choices(logFormats).default('text')),
  ];
}

/** keydrift's own words: what comes after `--` is another program's. */
export function ownWords({ words }: Io): readonly string[] {
  const end = words.indexOf('--');
  return end === -1 ? words : words.slice(0, end);
}

/** The value of an option in words that may be no command line; undefined: it is not there. */
export function valueOf(option: string, words: readonly string[]): string | undefined {
  const at = words.findLastIndex((word) => word === option || word.startsWith(`${option}=`));
  if (at === -1) return undefined;
  return words[at] === option ? words[at + 1] : words[at]!.slice(option.length + 1);
}

/** The format that was asked for; looked for in the words, because errors come before options. */
export function logFormatOf(io: Io): LogFormat {
  const asked = valueOf('--log-format', ownWords(io)) ?? io.environment['KEYDRIFT_LOG_FORMAT'];
  return asked === 'json' ? 'json' : 'text';
}

/** JSON that no terminal and no line reader acts upon. */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[\u007f-\uffff]/g,
    (unit) => String.raw`\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** One line of a JSON log. */
export function jsonLine(
  { now, stderr }: Io,
  level: 'info' | 'warn' | 'error',
  event: string,
  members: Readonly<Record<string, unknown>>,
): void {
  const head = { time: now().toISOString(), tool: 'keydrift', version, level, event };
  void stderr.write(`${asciiJson({ ...head, ...members })}\n`);
}

/** Something that somebody should know, and that decides nothing. */
export function tellWarning(io: Io, code: string, message: string): void {
  if (logFormatOf(io) === 'json') jsonLine(io, 'warn', 'warning', { code, message });
  else {
    const line = `keydrift: warning: ${escapeTerminal(withCode(message, code))}`;
    const { isTerminal, columns } = io.stderr;
    // Who reads a log by its lines gets one.
    void io.stderr.write(`${isTerminal ? wrap(line, columns, 2).join('\n') : line}\n`);
  }
}

/** Something to know besides the answer; a command that it names stands on lines of its own. */
export function tellNote(io: Io, message: string, command: string | null = null): void {
  if (logFormatOf(io) === 'json') {
    jsonLine(io, 'info', 'note', { message, ...(command === null ? {} : { command }) });
    return;
  }
  const { columns: width, isTerminal } = io.stderr;
  const commands = isTerminal ? 'folded' : 'whole';
  const told = `keydrift: ${escapeTerminal(message)}${command === null ? '' : ':'}`;
  const lines = [
    ...wrap(told, width, 2),
    ...(command === null ? [] : commandLines('  ', escapeTerminal(command), { width, commands })),
  ];
  void io.stderr.write(`${lines.join('\n')}\n`);
}

/** Files that one line names. */
const mostNamed = 3;

/** Says on a terminal, and with `-v`, which files were written. */
export function tellWritten(io: Io, files: readonly string[]): void {
  if (isVerbose(io) && logFormatOf(io) === 'json') jsonLine(io, 'info', 'wrote', { files });
  else if (isVerbose(io) || (io.stderr.isTerminal && logFormatOf(io) === 'text' && !isQuiet(io))) {
    const more = files.length > mostNamed ? ` and ${files.length - mostNamed} more files` : '';
    const named = files.slice(0, mostNamed).map(escapeTerminal).join(', ');
    void io.stderr.write(`keydrift: wrote ${named}${more}\n`);
  }
}

/** Words of the log for what has ended: what, and what is known of it. */
const ended: Readonly<Record<EventKind, (subject: string, facts: EventFacts) => string>> = {
  pin: (_, { location, revision, bytes }) => `${location} is pinned: ${revision}, ${bytes} bytes`,
  request: (subject, { status, error, bytes }) =>
    `${subject}: ${error === undefined ? `${status}, ${bytes} bytes` : error}`,
  wait: (subject) => `waited for ${subject}`,
  // What answered questions until it was ended has no code.
  git: (subject, { code }) =>
    `${subject}: ${code === 0 ? 'done' : code === null ? 'ended' : `exit code ${code}`}`,
  read: (subject, { bytes }) => `${subject} is read: ${bytes} bytes`,
  scan: (subject, { engine, rows, units }) =>
    `${subject} is scanned by ${engine}: ${rows} rows, ${units} units`,
  step: (subject) => `${subject}: done`,
};

/** What these events are called in a JSON log. */
const names: Readonly<Record<EventKind, string>> = {
  pin: 'pinned',
  request: 'request',
  wait: 'waited',
  git: 'git',
  read: 'read',
  scan: 'scanned',
  step: 'step',
};

/** Whether somebody asked for `-v`. */
function isVerbose(io: Io): boolean {
  const own = ownWords(io);
  const asked = own.some((word) => word === '--verbose' || /^-q?vq?$/.test(word));
  return asked || isSwitchedOn(io.environment, 'KEYDRIFT_VERBOSE');
}

/** Whether somebody asked for `--quiet`. */
function isQuiet(io: Io): boolean {
  const asked = ownWords(io).some((word) => word === '--quiet' || /^-v?qv?$/.test(word));
  return asked || isSwitchedOn(io.environment, 'KEYDRIFT_QUIET');
}

/** Says on stderr, a line each, what goes on (`-v`); null: nobody asked. */
export function eventLog(io: Io): Listener | null {
  if (!isVerbose(io)) return null;
  const format = logFormatOf(io);
  const tell = (event: string, text: string, members: EventFacts): void => {
    if (format === 'json') jsonLine(io, 'info', event, members);
    else void io.stderr.write(`keydrift: ${escapeTerminal(text)}\n`);
  };
  return {
    begin(kind, subject, facts) {
      const started = io.now().getTime();
      const { attempt = 1, attempts = 1 } = facts;
      if (Number(attempt) > 1) {
        tell('retry', `retry ${attempt} of ${attempts}: ${subject}`, { subject, ...facts });
      } else if (kind === 'wait') tell('wait', `waiting for ${subject}`, { subject });
      return (found) => {
        const durationMs = Math.max(0, io.now().getTime() - started);
        const text = `${ended[kind](subject, found)} (${durationMs} ms)`;
        tell(names[kind], text, { subject, ...facts, ...found, durationMs });
      };
    },
    advance: () => undefined,
  };
}

/** Two that hear the same; null: nobody does. */
export function bothHear(one: Listener | null, other: Listener | null): Listener | null {
  if (one === null || other === null) return one ?? other;
  return {
    begin(...begun) {
      const ends = [one.begin(...begun), other.begin(...begun)];
      return (found) => {
        for (const end of ends) end(found);
      };
    },
    advance(...told) {
      one.advance(...told);
      other.advance(...told);
    },
  };
}
