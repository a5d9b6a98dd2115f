import { KeydriftError } from '../../model/index.ts';

/** The encoding that a byte order mark tells; null: UTF-8, or none. */
export function encodingOf(head: Uint8Array): 'utf-16le' | 'utf-16be' | null {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  return null;
}

/** Whether a name is one of an encoding that can be read. */
export function isEncoding(name: string): boolean {
  try {
    return new TextDecoder(name).encoding !== '';
  } catch {
    return false;
  }
}

/** Code points of the bytes from 0x80 to 0x9f; where it has none, the byte's own number. */
const windows1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/**
 * The first byte that is another character to programs that take an encoding by its own name: the web
 * reads ISO-8859 and ASCII as the Windows encodings that have more. Null: none.
 */
function firstOther(chunk: Uint8Array, name: string, encoding: string): number | null {
  if (!encoding.startsWith('windows-') || /^\s*(?:x-)?(?:windows|cp)-?125/i.test(name)) return null;
  const last = /ascii|x3\.4/i.test(name) ? 0xff : 0x9f;
  const found = chunk.findIndex((byte) => byte >= 0x80 && byte <= last);
  return found < 0 ? null : found;
}

/**
 * Text of another encoding as UTF-8, its byte order mark taken off. Throws `INVALID_ENCODING` with
 * the line of the first byte that is no text of it.
 */
export async function* transcode(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder(name, { fatal: true });
  const { encoding } = decoder;
  let [line, bytes] = [1, 0];
  const fault = (what: string, hint: string, cause?: unknown): KeydriftError =>
    new KeydriftError(
      'INVALID_ENCODING',
      `${what} in line ${line} or after it, behind byte ${bytes}`,
      {
        place: { line },
        cause,
        hint,
      },
    );
  const text = (chunk: Uint8Array | undefined): string => {
    try {
      const decoded = decoder.decode(chunk, { stream: chunk !== undefined });
      // Some versions of Node give the byte's own number.
      return encoding === 'windows-1252'
        ? decoded.replace(/[\x80-\x9f]/g, (one) => windows1252[one.charCodeAt(0) - 0x80]!)
        : decoded;
    } catch (cause) {
      const hint = 'Is `encoding` the one that the file was written in?';
      throw fault(`bytes that are no ${encoding} stand`, hint, cause);
    }
  };
  const decode = (chunk: Uint8Array | undefined): Buffer => {
    const other = chunk === undefined ? null : firstOther(chunk, name, encoding);
    const decoded = text(other === null ? chunk : chunk?.subarray(0, other));
    for (let at = decoded.indexOf('\n'); at >= 0; at = decoded.indexOf('\n', at + 1)) line += 1;
    bytes += other ?? chunk?.length ?? 0;
    if (other === null) return Buffer.from(decoded);
    const found = `0x${chunk![other]!.toString(16)}`;
    throw fault(
      `${found}, which is one character in ${encoding} and another or none in ${name}, stands`,
      `Write \`encoding: ${encoding}\` where that is what the job reads it by.`,
    );
  };
  for await (const chunk of chunks) {
    const decoded = decode(chunk);
    if (decoded.length > 0) yield decoded;
  }
  const rest = decode(undefined);
  if (rest.length > 0) yield rest;
}
