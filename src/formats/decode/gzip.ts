import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { KeydriftError } from '../../model/index.ts';
import { invalidCompression } from './fault.ts';

/** Bytes that are expanded at once: each piece costs a turn of the event loop. */
const pieceBytes = 128 * 1024;

/** gzip of one or several members (RFC 1952). Throws `COMPRESSION_INVALID`. */
export async function* gunzip(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const expanded = createGunzip({ chunkSize: pieceBytes });
  let bytes = 0;
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      yield chunk;
    }
  };
  // Ends both where one of them ends or is left; what went wrong comes out of the reading below.
  const fed = pipeline(counted, expanded).catch((error: unknown) => error);
  try {
    for await (const chunk of expanded as AsyncIterable<Uint8Array>) yield chunk;
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
    if (thrown instanceof KeydriftError || !code.startsWith('Z_')) throw thrown;
    throw invalidCompression('gzip', code === 'Z_BUF_ERROR' ? 'it is cut off' : 'it is damaged');
  } finally {
    expanded.destroy();
    await fed;
  }
  // zlib is content with a zero behind a member, and looks at nothing after it: others read on.
  if (expanded.bytesWritten !== bytes)
    throw invalidCompression('gzip', 'something stands behind it');
}
