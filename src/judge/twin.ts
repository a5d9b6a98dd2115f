import { createHash } from 'node:crypto';
import { compressionByName, formatByName } from '../formats/index.ts';
import type { PinnedCopy } from '../model/index.ts';
import { claimWarnings } from './claim.ts';
import { bytesAtHand } from './memory.ts';
import type { ScanRequest, ScannedCopy } from './request.ts';

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
  if (howRead(copy, request) !== howRead(scanned.copy, scanned.request)) return null;
  if (request.formats !== scanned.request.formats) return null;
  const bytes = await bytesAtHand(copy);
  if (bytes?.length !== copy.bytes) return null;
  if (createHash('sha256').update(bytes).digest('hex') !== scanned.sha256) return null;
  const { side } = request;
  // Its own claim is the first that a copy is told of.
  const { length: claims } = claimWarnings(scanned.copy, scanned.sha256, scanned.request.side);
  const warnings = [
    ...claimWarnings(copy, scanned.sha256, side),
    ...scanned.warnings.slice(claims).map((one) => ({ ...one, side })),
  ];
  return { ...scanned, copy, request, warnings };
}

/** All that decides how a copy's bytes become records, columns and values. */
export function howRead(copy: PinnedCopy, request: ScanRequest): string {
  const { formats, side: _side, counterpart: _columns, ...words } = request;
  // A name tells a format and a compression, and what is warned of where it tells none.
  const name = copy.path ?? copy.location;
  const named = formatByName(formats, name);
  const format = named && [named.format.name, named.options];
  return JSON.stringify([format, compressionByName(name), words], plainMap);
}

/** Maps as JSON can say them. */
export function plainMap(_name: string, value: unknown): unknown {
  return value instanceof Map ? [...value] : value;
}
