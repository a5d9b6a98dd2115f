import fc from 'fast-check';

/** Tables as people mean them, and an own writer: nothing here is the product's. */

/** A table before it is written. */
export interface Table {
  readonly header: readonly string[];
  /** Cells; a row may be shorter or longer than the header. */
  readonly rows: readonly (readonly string[])[];
}

/** A table as bytes, with the 1-based line and the byte at which each record starts. */
export interface Written {
  readonly bytes: Buffer;
  readonly lines: readonly number[];
  readonly starts: readonly number[];
}

/** How a table is written: choices are taken from this list in turn, for ever. */
export interface Style {
  readonly delimiter: string;
  readonly bom: boolean;
  readonly lastLineEnd: boolean;
  readonly choices: readonly number[];
}

export const style: fc.Arbitrary<Style> = fc.record({
  delimiter: fc.constant(','),
  bom: fc.boolean(),
  lastLineEnd: fc.boolean(),
  choices: fc.array(fc.nat(11), { minLength: 1, maxLength: 40 }),
});

const lineEnds = ['\n', '\r\n', '\r'];

/** Writes a table with quotes where they must be and sometimes elsewhere, and any line ends. */
export function write(
  { header, rows }: Table,
  { delimiter, bom, lastLineEnd, choices }: Style,
): Written {
  let taken = 0;
  const choose = (): number => choices[taken++ % choices.length]!;
  let text = bom ? '\uFEFF' : '';
  const starts: number[] = [];
  const records = [header, ...rows];
  records.forEach((cells, index) => {
    if (choose() === 11) text += lineEnds[choose() % 3]!;
    starts.push(text.length);
    const mustQuote = cells.length === 1 && cells[0] === '';
    const written = cells.map((cell) =>
      mustQuote || /["\r\n]/.test(cell) || cell.includes(delimiter) || choose() === 0
        ? `"${cell.replaceAll('"', '""')}"`
        : cell,
    );
    text += written.join(delimiter);
    if (index < records.length - 1 || lastLineEnd) text += lineEnds[choose() % 3]!;
  });
  return { bytes: Buffer.from(text), ...placesOf(text, starts.slice(1)) };
}

/** Where ascending places of a text stand as lines and bytes. */
function placesOf(text: string, places: readonly number[]): Omit<Written, 'bytes'> {
  let [line, byte, from] = [1, 0, 0];
  const found = places.map((place) => {
    const piece = text.slice(from, place);
    line += piece.match(/\r\n|\n|\r/g)?.length ?? 0;
    byte += Buffer.byteLength(piece);
    from = place;
    return { line, byte };
  });
  return { lines: found.map((at) => at.line), starts: found.map((at) => at.byte) };
}

/** Bytes in chunks of a size. */
export async function* chunked(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
}
