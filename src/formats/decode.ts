import type { ByteSource } from '../model/index.ts';

/**
 * What stands between the bytes that were pinned and those that a format reads. Nothing is
 * compressed or encoded otherwise yet; hashes are taken over the pinned bytes, before this.
 */
export function decode(pinned: ByteSource): ByteSource {
  return pinned;
}
