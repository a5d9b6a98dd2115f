import { Option } from 'commander';
import type { PinnedFact } from '../judge/context.ts';
import { escapeTerminal } from '../report/index.ts';
import { isSwitchedOn } from '../io/environment.ts';
import type { Io } from '../io/io.ts';
import { version } from '../io/version.ts';
import { orVariable } from './variables.ts';

/** How stderr is written (`--log-format`). */
export const logFormats = ['text', 'json'] as const;
export type LogFormat = (typeof logFormats)[number];

/** What every command says of its stderr. */
export function logOptions(): Option[] {
  const format = new Option('--log-format <format>', 'how stderr is written: text or json');
  return [
    orVariable(new Option('-v, --verbose', 'say on stderr what is read'), 'KEYDRIFT_VERBOSE'),
    orVariable(format.choices(logFormats).default('text'), 'KEYDRIFT_LOG_FORMAT'),
  ];
}

/** keydrift's own words: what comes after `--` is another program's. */
export function ownWords({ words }: Io): readonly string[] {
  const end = words.indexOf('--');
  return end === -1 ? words : words.slice(0, end);
}

/** The format that was asked for; looked for in the words, because errors come before options. */
export function logFormatOf(io: Io): LogFormat {
  const own = ownWords(io);
  const asked = own.some(
    (word, index) =>
      word === '--log-format=json' || (word === '--log-format' && own[index + 1] === 'json'),
  );
  const text = own.some(
    (word, index) =>
      word === '--log-format=text' || (word === '--log-format' && own[index + 1] === 'text'),
  );
  return asked || (!text && io.environment['KEYDRIFT_LOG_FORMAT'] === 'json') ? 'json' : 'text';
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
  else void io.stderr.write(`keydrift: warning: ${escapeTerminal(message)}\n`);
}

/** What `-v` says of each copy that is pinned; undefined: nobody asked. */
export function pinLog(io: Io): ((fact: PinnedFact) => void) | undefined {
  const own = ownWords(io);
  const asked = own.includes('-v') || own.includes('--verbose');
  if (!asked && !isSwitchedOn(io.environment, 'KEYDRIFT_VERBOSE')) return undefined;
  const format = logFormatOf(io);
  return (fact) => {
    if (format === 'json') {
      jsonLine(io, 'info', 'pinned', { ...fact });
      return;
    }
    const { location, revision, bytes, durationMs } = fact;
    const told = `${location} is pinned: ${revision}, ${bytes} bytes (${durationMs} ms)`;
    void io.stderr.write(`keydrift: ${escapeTerminal(told)}\n`);
  };
}
