/** Artifact and copy names (SPEC §3). */
export const namePattern: RegExp = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;
export const nameExpected: string =
  'letters, digits, "_", "." and "-", the first a letter or a digit';

/** One character that can separate or quote cells. */
// oxlint-disable-next-line no-control-regex -- NUL is what it keeps out
export const characterPattern: RegExp = /^[^\u0000\r\n\ud800-\udfff]$/u;

export const accountPattern: RegExp = /^[0-9]{12}$/;
export const endpointPattern: RegExp = /^https?:\/\/[^\s/]+/;

/** A variant's id, as `--propose-accept` prints it. */
export const variantPattern: RegExp = /^[0-9a-f]{32}$/;
export const datePattern: RegExp = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;
