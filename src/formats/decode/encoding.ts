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

/**
 * Text of another encoding as UTF-8, its byte order mark taken off. Throws `INVALID_ENCODING` with
 * the line of the first byte that is no text of it.
 */
export async function* transcode(
  chunks: AsyncIterable<Uint8Array>,
  encoding: string,
): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  let [line, bytes] = [1, 0];
  const decode = (chunk: Uint8Array | undefined): Buffer => {
    try {
      const text = decoder.decode(chunk, { stream: chunk !== undefined });
      for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) line += 1;
      bytes += chunk?.length ?? 0;
      return Buffer.from(text);
    } catch (cause) {
      throw new KeydriftError(
        'INVALID_ENCODING',
        `bytes that are no ${decoder.encoding} stand in line ${line} or after it, behind byte ${bytes}`,
        { place: { line }, cause, hint: 'Is `encoding` the one that the file was written in?' },
      );
    }
  };
  for await (const chunk of chunks) {
    const text = decode(chunk);
    if (text.length > 0) yield text;
  }
  const rest = decode(undefined);
  if (rest.length > 0) yield rest;
}
