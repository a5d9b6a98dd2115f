import {
  KeydriftError,
  nearestHint,
  quote,
  schemeOfText,
  type Folder,
  type UnitScan,
  type UnsetLocation,
} from '../model/index.ts';
import type { Columns } from './columns.ts';
import type { ArtifactDraft } from './draft.ts';
import type { ContractFile, Path } from './file.ts';
import { unsetFault, type Reading } from './places.ts';
import type { Reach } from './access.ts';
import { fillIn } from './variables.ts';

const form = 's3://BUCKET/PREFIX, where {COLUMN} stands for the value of a unit';
const bracesHint = 'A column stands in single braces: {participant_id}.';

/**
 * `cost`: what the job scans for one unit. Reports a template that is none, and columns in it that
 * do not count; null where it was reported, or nothing is said.
 */
export function readCost(
  file: ContractFile,
  draft: ArtifactDraft['cost'],
  {
    columns,
    captures,
    reach,
    path,
  }: { columns: Columns; captures: readonly string[]; reach: Reach; path: Path },
  reading: Reading,
): UnitScan | null {
  const written = draft?.scans;
  if (written === undefined) return null;
  const at = [...path, 'scans'];
  const { text: scans, unset } = fillIn(written, reading.variables);
  const missing = [...new Set([...unset, ...reach.unset])];
  if (missing.length > 0) {
    const fault = unsetFault('cost', written, missing);
    const root: UnsetLocation = { kind: 'unset', shown: written, fault };
    return { scans: written, root, prefix: [] };
  }
  const place = splitTemplate(file, scans, at, { ...reading, access: reach.access });
  if (place === null) return null;
  const prefix = readPieces(place.prefix);
  if (prefix === null) {
    file.report(at, `a brace that holds no column in ${shown(file, at, scans)}`, bracesHint);
    return null;
  }
  for (const column of new Set(columnsIn(prefix))) {
    if (!captures.includes(column)) checkColumn(file, column, columns, at);
  }
  return file.isReported(at) ? null : { scans, root: place.root, prefix };
}

function splitTemplate(
  file: ContractFile,
  scans: string,
  at: Path,
  { access, schemes }: Pick<Reading, 'access' | 'schemes'>,
): Folder | null {
  const refuse = (message: string, hint: string | null = null): null => {
    file.report(at, `${shown(file, at, scans)}: ${message}`, hint);
    return null;
  };
  const scheme = schemeOfText(scans, schemes);
  if (scheme?.folder === undefined) return refuse(`expected ${form}`);
  if (/^[a-z0-9]+:\/\/[^/]*[{}]/.test(scans)) {
    return refuse('the bucket cannot be a column', `Write ${form}.`);
  }
  if (/\0|[\ud800-\udfff]/u.test(scans)) return refuse('holds a character that no key has');
  try {
    return scheme.folder(scans, {
      access,
      fault: (message, hint = null) => new KeydriftError('LOCATION_INVALID', message, { hint }),
    });
  } catch (error) {
    if (!(error instanceof KeydriftError)) throw error;
    return refuse(error.message, error.hint);
  }
}

/** Texts and columns by turns, no text empty; null where a brace holds no column. */
function readPieces(template: string): UnitScan['prefix'] | null {
  const pieces = template.split(/(\{[^{}]+\})/).filter((piece) => piece !== '');
  if (template.includes('{{') || template.includes('}}')) return null;
  if (pieces.some((piece) => !isColumn(piece) && /[{}]/.test(piece))) return null;
  return pieces.map((piece) => (isColumn(piece) ? { column: piece.slice(1, -1) } : piece));
}

function isColumn(piece: string): boolean {
  return /^\{[^{}]+\}$/.test(piece);
}

function columnsIn(prefix: UnitScan['prefix']): readonly string[] {
  return prefix.flatMap((piece) => (typeof piece === 'string' ? [] : [piece.column]));
}

/** A unit has one value of a key column, and its rows one of a consumed column. */
function checkColumn(file: ContractFile, column: string, columns: Columns, at: Path): void {
  if (columns.descriptive.includes(column)) {
    const hint = 'A scan is told by what counts: key columns and consumed ones.';
    file.report(at, `column ${quote(column)} is descriptive`, hint);
    return;
  }
  // Without a list of consumed columns every other one is, and the contract does not know them.
  if (columns.consumes === null || columns.key.length === 0) return;
  const known = [...columns.key.map((key) => key.column), ...columns.consumes];
  if (known.includes(column)) return;
  const message = `column ${quote(column)} is neither in "key" nor in "consumes"`;
  file.report(at, message, nearestHint(column, known));
}

function shown(file: ContractFile, at: Path, scans: string): string {
  return quote(file.written(at) ?? scans);
}
