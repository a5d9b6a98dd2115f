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

/** Where a word of the contract stands. */
type Place = 'contract' | 'artifact' | 'reviewed' | 'copy' | 'csv';

/**
 * Words of the specification that this version does not have: refused by name, never ignored, and
 * never "unknown". Whoever builds one removes its line, and adds it to the schema.
 */
export const unbuiltWords: Readonly<Record<string, readonly Place[]>> = {
  roleArn: ['artifact', 'copy'],
  externalId: ['artifact', 'copy'],
};

/** Whether an unknown word at a path is one of the specification that is not built yet. */
export function isUnbuilt(path: readonly (string | number)[]): boolean {
  const word = String(path.at(-1));
  const places = Object.hasOwn(unbuiltWords, word) ? unbuiltWords[word] : undefined;
  const place = placeOf(path.slice(0, -1));
  return places !== undefined && place !== null && places.includes(place);
}

function placeOf(path: readonly (string | number)[]): Place | null {
  if (path.at(-1) === 'csv') return 'csv';
  const [root, ...rest] = path;
  if (root === undefined) return 'contract';
  if (root === 'defaults') return rest.length === 0 ? 'artifact' : null;
  if (root !== 'artifacts') return null;
  if (rest.length === 1) return 'artifact';
  if (rest[1] === 'reviewed') return rest.length === 2 ? 'reviewed' : null;
  return rest[1] === 'runtime' && rest.length <= 3 ? 'copy' : null;
}

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

/** A variant's id, as `--propose-accept` prints it. */
export const variantPattern: RegExp = /^[0-9a-f]{32}$/;
export const datePattern: RegExp = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;
