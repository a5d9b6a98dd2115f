import { hash } from 'node:crypto';
import { compressionByName, formatByName } from '../formats/index.ts';
import type { PinnedCopy } from '../model/index.ts';
import { copyWarnings } from './claim.ts';
import { bytesAtHand } from './memory.ts';
import type { ScannedCopy, ScanRequest } from './request.ts';

/**
 * A copy that holds the very bytes of one that was scanned, and is to be read just so: what was found
 * of the one is true of the other, and nothing is scanned again. Null where it has other bytes, is
 * read otherwise (the same bytes under other `csv.names` are drift), or is not at hand.
 */
export async function twinOf(
  scanned: ScannedCopy,
  copy: PinnedCopy,
  request: ScanRequest,
): Promise<ScannedCopy | null> {
  if (copy.lake !== undefined || copy.bytes !== scanned.copy.bytes) return null;
  if (!readJustSo({ copy, request }, scanned)) return null;
  if (request.formats !== scanned.request.formats) return null;
  const bytes = await bytesAtHand(copy);
  if (bytes?.length !== copy.bytes) return null;
  if (hash('sha256', bytes, 'hex') !== scanned.sha256) return null;
  const { side } = request;
  // What is told of the copy itself comes first.
  const { length: claims } = copyWarnings(scanned.copy, scanned.sha256, scanned.request.side);
  const warnings = [
    ...copyWarnings(copy, scanned.sha256, side),
    ...scanned.warnings.slice(claims).map((one) => ({ ...one, side })),
  ];
  return { ...scanned, copy, request, warnings };
}

/** Whether nothing that decides how bytes become records, columns and values differs. */
export function readJustSo(one: Reading, other: Reading): boolean {
  return isAskedAlike(one.request, other.request) && isNamedAlike(one, other);
}

/** The request that another one was held against last, and what came of it. */
const held = new WeakMap<ScanRequest, { readonly other: ScanRequest; readonly isAlike: boolean }>();

function isAskedAlike(one: ScanRequest, other: ScanRequest): boolean {
  const last = held.get(one);
  if (last?.other === other) return last.isAlike;
  const [words, others] = [wordsOf(one), wordsOf(other)];
  const names = [...new Set([...Object.keys(words), ...Object.keys(others)])];
  const isSaid = (name: string): boolean =>
    isSame(Reflect.get(words, name), Reflect.get(others, name));
  const found = { other, isAlike: names.every(isSaid) };
  held.set(one, found);
  return found.isAlike;
}

/** A copy, and what is asked of it. */
type Reading = Pick<ScannedCopy, 'copy' | 'request'>;

/** What a request says of how to read; the format is told by a name, too. */
function wordsOf({
  formats: _formats,
  side: _side,
  counterpart: _columns,
  ...words
}: ScanRequest): object {
  return words;
}

/** A name tells a format and a compression, and what is warned of where it tells none. */
function isNamedAlike(one: Reading, other: Reading): boolean {
  const [name, otherName] = [nameOf(one), nameOf(other)];
  const named = formatByName(one.request.formats, name);
  const otherNamed = formatByName(other.request.formats, otherName);
  return (
    named?.format.name === otherNamed?.format.name &&
    isSame(named?.options, otherNamed?.options) &&
    compressionByName(name) === compressionByName(otherName)
  );
}

function nameOf({ copy }: Reading): string {
  return copy.path ?? copy.location;
}

function isSame(one: unknown, other: unknown): boolean {
  if (one === other || isAlike(one, other)) return true;
  return JSON.stringify(one, plainMap) === JSON.stringify(other, plainMap);
}

/** Whether two plain objects, or lists, hold the same; what else there is in them is told as JSON. */
function isAlike(one: unknown, other: unknown): boolean {
  if (one instanceof Map && other instanceof Map) return one.size + other.size === 0;
  if (Array.isArray(one) && Array.isArray(other)) {
    return (
      one.length === other.length &&
      one.every((item, index) => item === other[index] || isAlike(item, other[index]))
    );
  }
  if (!isPlain(one) || !isPlain(other)) return false;
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every(
      (name) =>
        Object.hasOwn(other, name) &&
        (one[name] === other[name] || isAlike(one[name], other[name])),
    )
  );
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  );
}

/** Maps as JSON can say them. */
export function plainMap(_name: string, value: unknown): unknown {
  return value instanceof Map ? [...value] : value;
}
