/** Words of a runtime copy that is a map; no copy may be called like one. */
export const copyWords: ReadonlySet<string> = new Set([
  'url',
  'table',
  'engine',
  'snapshot',
  'ref',
  'region',
  'profile',
  'endpoint',
  'roleArn',
  'externalId',
  'expectedOwner',
  'anonymous',
  'policy',
  'grace',
  'columns',
  'csv',
  'format',
  'encoding',
  'compression',
  'records',
  'keyColumn',
  'parts',
  'complete',
  'nulls',
  'reader',
  'evidence',
  'limits',
  'put',
  'key',
  'consumes',
  'normalize',
]);

/** Artifact and copy names (SPEC §3). */
export const namePattern: RegExp = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;
export const nameExpected: string =
  'letters, digits, "_", "." and "-", the first a letter or a digit';

/** One character that can separate or quote cells. */
// oxlint-disable-next-line no-control-regex -- NUL is what it keeps out
export const characterPattern: RegExp = /^[^\u0000\r\n\ud800-\udfff]$/u;

/** What has a pattern though a variable may stand there: checked once more when it is filled in. */
export const endpointPattern: RegExp = /^https?:\/\/[^\s/]+/;
export const endpointExpected = 'an http:// or https:// URL';
export const accountPattern: RegExp = /^[0-9]{12}$/;
export const accountExpected = 'an account id of 12 digits';
export const rolePattern: RegExp = /^arn:[a-z0-9-]+:iam::[0-9]{12}:role\/[\w+=,.@/-]+$/;
export const roleExpected = 'the ARN of a role, arn:aws:iam::ACCOUNT:role/NAME';

/** A variant's id, as `--propose-accept` prints it. */
export const variantPattern: RegExp = /^[0-9a-f]{32}$/;
export const datePattern: RegExp = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;
