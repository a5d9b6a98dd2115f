/** What needs no look at the rest: in most files and reports that is every text. */
const plain = /^[\u0020-\u007e]*$/;

// Compiled when they are first used: V8 takes milliseconds for classes as large as these.
let patterns: { readonly unsafe: RegExp; readonly needsQuotes: RegExp } | null = null;

function compiled(): NonNullable<typeof patterns> {
  if (patterns !== null) return patterns;
  const unsafe =
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}|^\p{M}/gu;
  patterns = { unsafe, needsQuotes: new RegExp(`^$|^[ "]| $|${unsafe.source}`, 'u') };
  return patterns;
}

const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** One character as its escape: `\n`, `\x1b`, `\u202e`, `\u{e0001}`. */
export function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code > 0xffff) return `\\u{${hex}}`;
  return (
    short[character] ?? (code > 0xff ? `\\u${hex.padStart(4, '0')}` : `\\x${hex.padStart(2, '0')}`)
  );
}

/**
 * Untrusted text as one line that is safe on a terminal: every character that is a control, changes
 * direction, is invisible, breaks a line or passes for a space is shown as its escape.
 */
export function escapeTerminal(text: string): string {
  return escapeUnsafe(text, escapeCharacter);
}

/**
 * A text with `escape` for what no terminal may get raw: controls, formats, separators, what is
 * invisible, odd spaces.
 */
export function escapeUnsafe(text: string, escape: (character: string) => string): string {
  return plain.test(text) ? text : text.replace(compiled().unsafe, escape);
}

/** A value between quotes, its backslashes and quotes escaped too, so that it reads one way only. */
export function quoteValue(value: string): string {
  return `"${escapeQuoted(value)}"`;
}

/** The inside of `quoteValue`. */
export function escapeQuoted(value: string): string {
  return escapeTerminal(value.replace(/[\\"]/g, '\\$&'));
}

/** Whether a value must be quoted to be seen as it is: empty, escapes, spaces at its ends. */
export function mustQuote(value: string): boolean {
  if (plain.test(value)) return /^$|^[ "]| $/.test(value);
  return compiled().needsQuotes.test(value);
}

/** A value as people read it: bare where it shows all that it is, quoted where it would not. */
export function showValue(value: string): string {
  return mustQuote(value) ? quoteValue(value) : value;
}

/** A cell: its value, or `(no cell)` where the record is too short. */
export function showCell(value: string | null): string {
  return value === null ? '(no cell)' : showValue(value);
}

/** The first `length` code units of a text, without half of a surrogate pair at the cut. */
export function head(text: string, length: number): string {
  return text.slice(0, splitsPair(text, length) ? length - 1 : length);
}

/** A text without its first `start` code units, never cut within a surrogate pair. */
export function tail(text: string, start: number): string {
  return text.slice(splitsPair(text, start) ? start + 1 : start);
}

function splitsPair(text: string, at: number): boolean {
  return /^[\ud800-\udbff][\udc00-\udfff]$/.test(text.slice(Math.max(at - 1, 0), at + 1));
}
