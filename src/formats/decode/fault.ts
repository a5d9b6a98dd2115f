import { KeydriftError } from '../../model/index.ts';

/** A file that the contract calls compressed, and that does not begin so. */
export function notCompressed(name: string, cause: KeydriftError): KeydriftError {
  const said = `\`compression: ${name}\``;
  return new KeydriftError(
    'COMPRESSION_INVALID',
    `it is not ${name}, which the contract says (${said})`,
    {
      cause,
      hint: `Leave it out, or let only the compressed copy have it (\`runtime: {url: …, compression: ${name}}\`): gzip and zstd are told by their first bytes without it.`,
    },
  );
}

/** A file that its compression's first bytes announce, and that cannot be expanded. */
export function invalidCompression(name: string, what: string): KeydriftError {
  return new KeydriftError('COMPRESSION_INVALID', `the ${name} file cannot be expanded: ${what}`, {
    hint: 'The upload was broken, or something stands behind the compressed data. Write the file again.',
  });
}
