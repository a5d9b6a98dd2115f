/** SGR codes: how each style begins and ends. */
const codes = {
  bold: [1, 22],
  dim: [2, 22],
  underline: [4, 24],
  inverse: [7, 27],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
} as const;
export type Style = keyof typeof codes;

/** Gives a text a style, on top of those that it has. */
export type Paint = (style: Style, text: string) => string;

/** Paints with ANSI codes, whatever the stream: the caller has decided. */
export const ansi: Paint = (style, text) => {
  const [begin, end] = codes[style];
  return text === '' ? '' : `\u001b[${begin}m${text}\u001b[${end}m`;
};

/** Leaves every text as it is. */
export const plain: Paint = (_style, text) => text;

/** Wrapped lines, with what the first one begins with painted; painting after wrapping keeps widths. */
export function paintLead(
  lines: readonly string[],
  lead: string,
  painted: string,
): readonly string[] {
  const [first = '', ...rest] = lines;
  return first.startsWith(lead) ? [painted + first.slice(lead.length), ...rest] : lines;
}
