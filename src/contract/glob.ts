import { matchesGlob, matchesPathGlob } from '../model/index.ts';

/** A part of a path's segment: text as it stands, or what may be any: with a name, a capture. */
type Piece = string | { readonly capture: string | null };
/** Between two slashes; `deep` (`**`): any number of folders. */
type Segment = 'deep' | readonly Piece[];

/** A location that stands for many: `support/{team}/*.csv` (SPEC §3). */
export interface Glob {
  /** What stands before the first segment that is not plain text, with the slash or colon at its end. */
  readonly base: string;
  readonly segments: readonly Segment[];
  /** Names of the captures, in their order. */
  readonly captures: readonly string[];
}

/** What captures stand for in one path. */
export type Captured = ReadonlyMap<string, string>;

/** `**`, `*` and `{name}`; what `$` begins is a variable. */
const wild = /\$\$\{|\$\{[^}]*\}|\*\*|\*|\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/** Reads a location's text as a glob; null: it names one file. */
export function parseGlob(text: string): Glob | null {
  const first = [...text.matchAll(wild)].find(([sign]) => !sign.startsWith('$'));
  if (first === undefined) return null;
  const before = text.slice(0, first.index);
  const end = Math.max(before.lastIndexOf('/'), before.lastIndexOf(':')) + 1;
  const segments = segmentsOf(text.slice(end));
  return { base: text.slice(0, end), segments, captures: capturesOf(segments) };
}

/** The segments of a path in which captures and stars may stand. */
export function segmentsOf(text: string): readonly Segment[] {
  return text.split('/').map((part) => (part === '**' ? 'deep' : piecesOf(part)));
}

function piecesOf(part: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const match of part.matchAll(wild)) {
    const [sign, name = null] = match;
    if (sign.startsWith('$')) continue;
    if (match.index > at) pieces.push(part.slice(at, match.index));
    pieces.push({ capture: name });
    at = match.index + sign.length;
  }
  if (at < part.length) pieces.push(part.slice(at));
  return pieces;
}

export function capturesOf(segments: readonly Segment[]): readonly string[] {
  return segments.flatMap((segment) =>
    segment === 'deep'
      ? []
      : segment.flatMap((piece) =>
          typeof piece === 'string' || piece.capture === null ? [] : [piece.capture],
        ),
  );
}

/** Whether two wild pieces stand side by side: where one ends and the other begins, nobody could say. */
export function isUnclear(segments: readonly Segment[]): boolean {
  return segments.some(
    (segment) =>
      segment !== 'deep' &&
      segment.some((piece, at) => typeof piece !== 'string' && typeof segment[at + 1] === 'object'),
  );
}

/** Whether a segment is text and captures alone. */
export function isExact(segment: Segment): segment is readonly Piece[] {
  return (
    segment !== 'deep' &&
    segment.every((piece) => typeof piece === 'string' || piece.capture !== null)
  );
}

/**
 * What the captures are in a path, of which the segments are; null: it is none of them. A capture is
 * never empty and takes as little as it can. Each character is looked at a bounded number of times.
 */
export function matchPath(segments: readonly Segment[], path: string): Captured | null {
  const parts = path.split('/');
  const captured = new Map<string, string>();
  const failed = new Set<number>();
  const match = (at: number, part: number): boolean => {
    const segment = segments[at];
    if (segment === undefined) return part === parts.length;
    const id = at * (parts.length + 1) + part;
    if (failed.has(id)) return false;
    const text = parts[part];
    const found =
      segment === 'deep'
        ? match(at + 1, part) || (text !== undefined && match(at, part + 1))
        : text !== undefined && matchSegment(segment, text, captured) && match(at + 1, part + 1);
    if (!found) failed.add(id);
    return found;
  };
  return match(0, 0) ? captured : null;
}

/** Two wild pieces never stand side by side: the first place of a text between them is the right one. */
function matchSegment(
  pieces: readonly Piece[],
  text: string,
  captured: Map<string, string>,
): boolean {
  let at = 0;
  let open: { readonly capture: string | null } | null = null;
  const closeAt = (end: number): boolean => {
    if (open === null) return end === at;
    const { capture } = open;
    open = null;
    if (capture === null) return end >= at;
    captured.set(capture, text.slice(at, end));
    return end > at;
  };
  for (const [index, piece] of pieces.entries()) {
    if (typeof piece !== 'string') {
      open = piece;
      continue;
    }
    const isLast = index === pieces.length - 1;
    const least: number = open === null || open.capture === null ? at : at + 1;
    const found = isLast ? text.length - piece.length : text.indexOf(piece, least);
    if (!text.startsWith(piece, found) || !closeAt(found)) return false;
    at = found + piece.length;
  }
  return closeAt(text.length);
}

/** A text with its captures filled in; what is no known capture stays as it stands. */
export function fillCaptures(text: string, captured: Captured): string {
  return text.replace(wild, (sign: string, name: string | undefined) =>
    name === undefined ? sign : (captured.get(name) ?? sign),
  );
}

/** Segments that are all text and captures, as the path that they stand for; null: stars are left. */
export function pathOf(segments: readonly Segment[], captured: Captured): string | null {
  const parts = segments.map((segment) => {
    if (!isExact(segment)) return null;
    const texts = segment.map((piece) =>
      typeof piece === 'string' ? piece : (captured.get(piece.capture ?? '') ?? null),
    );
    return texts.includes(null) ? null : texts.join('');
  });
  return parts.includes(null) ? null : parts.join('/');
}

/** Whether one of some globs names a path: as a whole, or with `**`; one without `/` its last part. */
export function isNamedBy(globs: readonly string[], path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return globs.some((glob) =>
    glob.includes('/') || glob === '**' ? matchesPathGlob(path, glob) : matchesGlob(name, glob),
  );
}

/**
 * Names that nobody means as a support file: hidden ones, those of `_SUCCESS` and its like, markers
 * of folders, and what `publish` tries a store with.
 */
export function isUsuallyIgnored(path: string): boolean {
  return (
    path === '' ||
    /(?:^|\/)[_.]|\/$/.test(path) ||
    /\.keydrift-probe-[0-9a-f]{8}$/.test(path) ||
    path.endsWith('_$folder$')
  );
}

/** Whether a path goes down only: no part of it is empty, `.` or `..`. */
export function isPlainPath(path: string): boolean {
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

/** Whether a location's text is a glob that a path is of. */
export function globNames(text: string, path: string): boolean {
  const glob = parseGlob(text);
  if (glob === null || !path.startsWith(glob.base)) return false;
  return matchPath(glob.segments, path.slice(glob.base.length)) !== null;
}
