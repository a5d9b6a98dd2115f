/** What needs no look at the rest: in most files and reports that is every text. */
const plain = /^[\u0020-\u007e]*$/;

/** Letters and signs that are drawn alike, each before the one of ASCII that it may be taken for. */
const drawnAlike =
  '\u0410A\u0391A\u0430a\u03b1a\u0412B\u0392B\u0421C\u03f9C\u0441c\u03f2c' +
  '\u0501d\u0415E\u0395E\u0435e\u03dcF\u041dH\u0397H\u04bbh\u0406I\u0399I' +
  '\u04c0I\u0456i\u03b9i\u0408J\u037fJ\u0458j\u03f3j\u041aK\u039aK\u04cfl' +
  '\u041cM\u039cM\u039dN\u0578n\u041eO\u039fO\u0555O\u043eo\u03bfo\u0585o' +
  '\u0420P\u03a1P\u0440p\u03c1p\u051bq\u0405S\u0455s\u0422T\u03a4T\u054dU' +
  '\u057du\u0475v\u03bdv\u051dw\u03c9w\u0425X\u03a7X\u0445x\u03c7x\u0423Y' +
  '\u03a5Y\u04aeY\u0443y\u03b3y\u04afy\u0396Z\u2010-\u2011-\u2012-\u2013-' +
  "\u2014-\u2212-\u2018'\u2019'\u02bc'\u201c\"\u201d\"";

// Compiled when they are first used: V8 takes milliseconds for classes as large as these.
let patterns: { readonly unsafe: RegExp; readonly needsQuotes: RegExp } | null = null;

function compiled(): NonNullable<typeof patterns> {
  if (patterns !== null) return patterns;
  const unseen =
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}|^\p{M}/u;
  const posing = `[${drawnAlike.replace(/[ -~]|[^ -~](?![A-Za-z])/gu, '')}]`;
  const unsafe = new RegExp(`${unseen.source}|(?<=[A-Za-z])${posing}|${posing}(?=[A-Za-z])`, 'gu');
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
 * direction, is invisible, breaks a line, passes for a space or, beside a letter of ASCII, for a
 * letter of ASCII is shown as its escape.
 */
export function escapeTerminal(text: string): string {
  return breakCommands(escapeUnsafe(text, escapeCharacter));
}

/**
 * Text in which no CI reads a command: `::name` where a line may begin with it, `##[name` and
 * `##vso[name`, `##teamcity[name` anywhere. What starts them is shown as an escape.
 */
export function breakCommands(text: string): string {
  if (!text.includes('::') && !text.includes('##')) return text;
  return text
    .replace(/(^|\s)::/g, String.raw`$1\x3a:`)
    .replace(/##(?=[a-z]*\[)/gi, String.raw`#\x23`);
}

/**
 * A text with `escape` for what no terminal may get raw: controls, formats, separators, what is
 * invisible, odd spaces, letters that pose as others.
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
  if (plain.test(value)) return /^$|^[ "]| $/.test(value) || breakCommands(value) !== value;
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

let looks: ReadonlyMap<string, string> | null = null;

/** A text as it looks: two that are the same to the eye have one look, whatever their letters are. */
export function lookOf(text: string): string {
  if (plain.test(text)) return text;
  looks ??= new Map(drawnAlike.match(/../gsu)?.map((pair) => [pair[0] ?? '', pair[1] ?? '']));
  const visible = text.normalize('NFKC').replace(/\p{Default_Ignorable_Code_Point}/gu, '');
  return Array.from(visible, (character) => looks?.get(character) ?? character).join('');
}
