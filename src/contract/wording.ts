const quotedLength = 80;

/** Text in quotes for a message: escaped, and clipped to 80 characters. */
export function quote(text: string): string {
  return JSON.stringify(text.length > quotedLength ? `${text.slice(0, quotedLength)}…` : text);
}
