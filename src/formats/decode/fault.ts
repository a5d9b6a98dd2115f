import { KeydriftError } from '../../model/index.ts';

/** A file that its compression's first bytes announce, and that cannot be expanded. */
export function invalidCompression(name: string, what: string): KeydriftError {
  return new KeydriftError('COMPRESSION_INVALID', `the ${name} file cannot be expanded: ${what}`, {
    hint: 'The upload was broken, or something stands behind the compressed data. Write the file again.',
  });
}
