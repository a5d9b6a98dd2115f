import { Lexer, type YAMLError } from 'yaml';
import { quote, type Problem } from '../model/index.ts';

/** What is wrong, where somebody has to look, and what to do there. */
interface Fault {
  readonly line: number;
  readonly message: string;
  readonly hint: string | null;
}

/** A text by its lines, and what stands open in it. */
interface Read {
  readonly lines: readonly string[];
  readonly open: Open | null;
}

/** What nobody closes: where it opens, and its sign. */
interface Open {
  readonly line: number;
  readonly sign: string;
  /** The line on which a quote ends after all, at the beginning of another. */
  readonly until: number | null;
}

type Tell = (fault: YAMLError, line: number, read: Read) => Fault;

const here = (line: number, message: string, hint: string | null = null): Fault => ({
  line,
  message,
  hint,
});

const wantsQuotes = 'Put the value in quotes.';

/** What the parser's codes mean to somebody who wrote a contract. */
const faults: Partial<Readonly<Record<YAMLError['code'], Tell>>> = {
  TAB_AS_INDENT: (_, line) => here(line, 'a tab indents this line', 'Indent with spaces.'),
  TAG_RESOLVE_FAILED: (_, line) =>
    here(
      line,
      'a tag, which begins with "!"',
      'Remove the tag: values are plain text, numbers, true, false, lists and maps.',
    ),
  BAD_SCALAR_START: ({ message }, line) =>
    here(line, `no value can begin with ${quote(message.at(-1) ?? '')}`, wantsQuotes),
  BAD_DQ_ESCAPE: ({ message }, line) => {
    const escape = message.replace(/^.* /, '');
    return here(line, `${escape} means nothing in double quotes`, 'Use single quotes.');
  },
  BLOCK_AS_IMPLICIT_KEY: tellIndent,
  MULTILINE_IMPLICIT_KEY: tellColon,
  MISSING_CHAR: tellColon,
  BAD_INDENT: tellUneven,
  UNEXPECTED_TOKEN: ({ message, pos: [at] }, line, { lines }) => {
    const sign = /: "([\]}])"$/.exec(message)?.[1];
    if (sign !== undefined) return here(line, `a ${quote(sign)} that closes nothing`, 'Remove it.');
    const text = (lines[line - 1] ?? '').trim();
    const isQuoted = at > 0 && /(["']).*\1\s*\S/.test(text);
    return isQuoted
      ? here(line, 'text after a closing quote', 'Put all of the value in one pair of quotes.')
      : here(line, `${quote(text)} is not expected here`);
  },
};

/** Codes of what stands by itself: others may be the consequence of a slip before them. */
const alone: ReadonlySet<string> = new Set([
  'TAG_RESOLVE_FAILED',
  'BAD_SCALAR_START',
  'BAD_DQ_ESCAPE',
]);

/**
 * The parser's faults as problems of a contract: in words of those who write one, at the line on which
 * something is to be changed. One slip makes many faults: none that may follow from another is told.
 */
export function syntaxProblems(
  all: readonly YAMLError[],
  text: string,
  lineAt: (offset: number) => number,
): readonly Problem[] {
  if (all.length === 0) return [];
  const several = all.find(({ code }) => code === 'MULTIPLE_DOCS');
  if (several !== undefined && all[0] === several) {
    const hint = 'One file holds one contract: remove the `---` or `...` between the documents.';
    const message = 'the file holds several YAML documents';
    return [{ line: lineAt(several.pos[0]), path: '', message, hint }];
  }
  const first = all.findIndex(({ code }) => !alone.has(code));
  const told = first === -1 ? all : all.slice(0, first + 1);
  const read = { lines: text.split(/\r?\n/), open: openIn(text) };
  const problems = new Map<number, Problem>();
  for (const fault of told) {
    const { line, message, hint } = faultOf(fault, lineAt(fault.pos[0]), read);
    if (problems.has(line)) continue;
    problems.set(line, { line, path: '', message: `not valid YAML: ${message}`, hint });
  }
  return [...problems.values()];
}

function faultOf(fault: YAMLError, line: number, read: Read): Fault {
  const open = openBefore(read, line);
  if (open !== null && !alone.has(fault.code)) {
    const what = open.sign === '[' ? 'list' : open.sign === '{' ? 'map' : 'quote';
    const end = open.until === null ? 'is never closed' : `closes on line ${open.until} only`;
    const close = { '[': ']', '{': '}' }[open.sign] ?? open.sign;
    return here(
      open.line,
      `the ${what} that opens here with ${open.sign === '"' ? "'\"'" : quote(open.sign)} ${end}`,
      `Close it on its own line with ${close}`,
    );
  }
  return faults[fault.code]?.(fault, line, read) ?? here(line, fault.message);
}

/** What stands open where a fault is; a quote of several lines is at fault where it ends alone. */
function openBefore({ open }: Read, line: number): Open | null {
  if (open === null || open.line > line) return null;
  return open.until === null || open.until === line ? open : null;
}

/** The first list, map or quote that does not end where it should; null: all do. */
function openIn(text: string): Open | null {
  const stack: Open[] = [];
  let line = 1;
  for (const token of new Lexer().lex(text)) {
    // What ends lists and maps that nobody closed has no width.
    if (token === '\u0018') return stack.at(-1) ?? null;
    const until = line + token.split('\n').length - 1;
    const isQuoted = /^["']/.test(token);
    if (isQuoted && (token.length === 1 || token.at(-1) !== token[0])) {
      return { line, sign: token[0]!, until: null };
    }
    if (isQuoted && until > line) return { line, sign: token[0]!, until };
    if (token === '[' || token === '{') stack.push({ line, sign: token, until: null });
    else if (token === ']' || token === '}') {
      const last = stack.at(-1);
      if (last !== undefined && (last.sign === '[') !== (token === ']')) return last;
      stack.pop();
    }
    line = until;
  }
  return stack.at(-1) ?? null;
}

/** A name without its colon. */
function tellColon({ message, code }: YAMLError, line: number, { lines }: Read): Fault {
  const text = (lines[line - 1] ?? '').trim();
  if (message.startsWith('Missing , ')) {
    const before = lines.slice(0, line - 1).findLastIndex((one) => isTold(one)) + 1;
    return before === 0 || !/^["'[{\w]/.test(text)
      ? here(line, 'no "," between two values')
      : here(before, 'no "," at the end of this line', 'Separate values with commas.');
  }
  const isList = code === 'MULTILINE_IMPLICIT_KEY' || /map values/.test(message);
  const [, name, sign] = /^([\w.@-]+)(:?)/.exec(text) ?? [];
  if (!isList) return here(line, message);
  if (name === undefined) return here(line, `${quote(text)} is not expected here`);
  return sign === ':'
    ? here(line, `no space behind ${quote(`${name}:`)}`, `Write ${quote(`${name}: …`)}.`)
    : here(line, `no ":" behind ${quote(name)}`, `Write ${quote(`${name}: …`)}.`);
}

/** A value with a colon in it, or a line that is indented as if it belonged to a value. */
function tellIndent(fault: YAMLError, line: number, read: Read): Fault {
  const { lines } = read;
  const own = lines[line - 1] ?? '';
  if (/^\s*- /.test(own)) return tellUneven(fault, line, read);
  if (/:\s.*:(\s|$)/.test(own.replaceAll(/"[^"]*"|'[^']*'/g, ''))) {
    return here(line, 'a value that holds ": "', wantsQuotes);
  }
  const next = lines.findIndex((text, at) => at >= line && isTold(text)) + 1;
  const deeper = next > 0 && indentOf(lines[next - 1]!) > indentOf(own);
  return deeper
    ? here(
        next,
        `indented further than line ${line}, which has a value already`,
        'Give all words of one map the same indentation.',
      )
    : here(line, 'a list or a map where a value was begun', wantsQuotes);
}

/** A line that is indented otherwise than its neighbours. */
function tellUneven({ pos: [at] }: YAMLError, line: number, { lines }: Read): Fault {
  const before = lines.slice(0, line - 1).findLastIndex((text) => isTold(text)) + 1;
  const own = indentOf(lines[line - 1] ?? '');
  const beside = `indented by ${own}, and what it belongs to by another number of spaces`;
  const where =
    before === 0 || at === 0 ? '' : ` (line ${before}: ${indentOf(lines[before - 1]!)})`;
  return here(line, beside + where, 'Give all words of one map or list the same indentation.');
}

function isTold(text: string): boolean {
  return /^\s*[^\s#]/.test(text);
}

function indentOf(text: string): number {
  return /^ */.exec(text)![0].length;
}
