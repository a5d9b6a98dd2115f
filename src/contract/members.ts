import {
  KeydriftError,
  quote,
  type ArtifactContract,
  type ArtifactFamily,
  type Location,
  type RuntimeCopy,
  type S3Access,
  type UnitScan,
  type UnsetLocation,
} from '../model/index.ts';
import type { ArtifactDraft } from './draft.ts';
import type { ContractFile } from './file.ts';
import {
  capturesOf,
  fillCaptures,
  isNamedBy,
  isPlainPath,
  isUsuallyIgnored,
  matchPath,
  segmentsOf,
  type Captured,
  type Glob,
} from './glob.ts';
import { readLocation } from './places.ts';
import type { ArtifactReading } from './artifact.ts';

/** Names a file that nobody has, where a folder is to be spoken of. */
export const anyFile = 'keydrift';

/** A family while it is read. */
export interface Family {
  readonly name: string;
  readonly draft: ArtifactDraft;
  readonly glob: Glob;
  readonly template: ArtifactContract;
  readonly overrides: ReadonlyMap<string, ArtifactContract>;
  readonly runtimes: readonly Runtime[];
  readonly reading: ArtifactReading;
  /** Who owns its files, by all who say it: the innermost first. */
  readonly owners: readonly string[];
}

/** The runtime copies of one name: what stands before what differs, and that. */
export interface Runtime {
  readonly copy: string | null;
  readonly written: string;
  /** With the slash at its end; its bucket may hold captures. */
  readonly folder: string;
  readonly rest: string;
  /** So many segments of a reviewed path are told by `folder` and `rest`; what is left is appended. */
  readonly told: number;
}

/** What an artifact is called after its entry's name. */
export function labelOf(glob: Glob, path: string, captured: Captured): string {
  const { captures } = glob;
  if (captures.length > 0) return captures.map((name) => captured.get(name) ?? '').join('.');
  return withoutEnding(glob, path);
}

/** A path without the ending that all files of the glob have; one of another ending keeps it. */
export function withoutEnding({ segments }: Glob, path: string): string {
  const last = segments.at(-1);
  const end = last === undefined || last === 'deep' ? undefined : last.at(-1);
  const ending = typeof end === 'string' && end.startsWith('.') ? end : '';
  return path.endsWith(ending) ? path.slice(0, path.length - ending.length) : path;
}

/** The innermost owner that what is captured tells; null: nobody, never a name with a brace in it. */
export function ownerOf(owners: readonly string[], captured: Captured): string | null {
  const told = owners.find((owner) =>
    capturesOf(segmentsOf(owner)).every((name) => captured.has(name)),
  );
  return told === undefined ? null : fillCaptures(told, captured);
}

/**
 * What captures tell of labels and the runbook; what they cannot fill is left out. In an address they
 * are encoded: who names an object does not say where a link leads.
 */
export function filledWords(
  { labels, runbook }: Pick<ArtifactContract, 'labels' | 'runbook'>,
  captured: Captured,
  captures: readonly string[],
): Pick<ArtifactContract, 'labels' | 'runbook'> {
  const filled = (text: string, by = captured): string | null =>
    capturesOf(segmentsOf(text)).some((name) => captures.includes(name) && !captured.has(name))
      ? null
      : fillCaptures(text, by);
  const told = [...labels].flatMap(([name, text]) => {
    const value = filled(text);
    return value === null ? [] : [[name, value] as const];
  });
  if (runbook === null) return { labels: new Map(told), runbook };
  const isAddress = /^https?:/i.test(runbook);
  return {
    labels: new Map(told),
    runbook: filled(runbook, isAddress ? encoded(captured) : captured),
  };
}

function encoded(captured: Captured): Captured {
  const values = [...captured].map(
    ([name, value]) => [name, encodeURIComponent(Buffer.from(value).toString())] as const,
  );
  return new Map(values);
}

/** The words of a file's own, by its label or by the whole name of its artifact. */
export function overrideOf<Words>(
  { name, overrides }: { readonly name: string; readonly overrides: ReadonlyMap<string, Words> },
  label: string,
): Words | undefined {
  return overrides.get(label) ?? overrides.get(nameOf(name, label));
}

export function nameOf(entry: string, label: string): string {
  return `${entry}.${label.replaceAll(/[^A-Za-z0-9_.-]/g, (sign) => (sign === '/' ? '.' : '_'))}`;
}

/** Globs of what is no artifact, by the side that it is on. */
export function ignoreOf({ ignore }: ArtifactDraft): ArtifactFamily['ignore'] {
  const said =
    ignore !== undefined && isList(ignore) ? { reviewed: ignore, runtime: ignore } : ignore;
  const globs = [said?.reviewed, said?.runtime].map((list = []) =>
    list.flatMap((one) => one ?? []),
  );
  return { reviewed: globs[0] ?? [], runtime: globs[1] ?? [] };
}

function isList(
  value: NonNullable<ArtifactDraft['ignore']>,
): value is readonly (string | undefined)[] {
  return Array.isArray(value);
}

/** The artifact of a reviewed file, by its path under the glob's base; null: it is none of them. */
export function memberOf(family: Family): ArtifactFamily['member'] {
  const { name, glob, template, runtimes, draft, owners } = family;
  const ignored = ignoreOf(draft).reviewed;
  const locate = locator(family);
  return (path) => {
    if (!isPlainPath(path) || isUsuallyIgnored(path) || isNamedBy(ignored, path)) return null;
    const captured = matchPath(glob.segments, path);
    if (captured === null) return null;
    const label = labelOf(glob, path, captured);
    const own = overrideOf(family, label) ?? template;
    const copies = own.copies.map((copy) => {
      const runtime = runtimes.find((one) => one.copy === copy.name);
      return runtime === undefined
        ? copy
        : { ...copy, location: locate(runtime, copy, path, captured) };
    });
    return {
      ...own,
      name: nameOf(name, label),
      owner: own.owner === null ? null : ownerOf([own.owner, ...owners], captured),
      ...filledWords(own, captured, glob.captures),
      reviewed: placeBeside(family, own.reviewed, path) ?? own.reviewed,
      copies,
      ...(own.cost === undefined ? {} : { cost: filledScan(own.cost, captured) }),
    };
  };
}

function filledScan(cost: UnitScan, captured: Captured): UnitScan {
  const prefix = cost.prefix.map((piece) =>
    typeof piece === 'string' ? piece : (captured.get(piece.column) ?? piece),
  );
  return { ...cost, scans: fillCaptures(cost.scans, captured), prefix };
}

/** Another location in the folder of one; null: its store has no folders. */
export function placeBeside(
  { reading: { reading } }: Family,
  location: Location,
  path: string,
): Location | null {
  const scheme = reading.schemes[location.kind];
  const folder = scheme?.around?.(location);
  return (folder === undefined ? undefined : scheme?.within?.(folder, path)) ?? null;
}

/** Finds the runtime object of a reviewed path. */
function locator(
  family: Family,
): (runtime: Runtime, copy: RuntimeCopy, path: string, captured: Captured) => Location {
  return (runtime, copy, path, captured) => {
    const { rest, told, written } = runtime;
    const folder = folderOf(family, runtime, copy, captured);
    if (folder.kind === 'unset') return folder;
    const left = path.split('/').slice(told).join('/');
    const within = fillCaptures(rest, captured) + (written.endsWith('/') ? left : '');
    const place = placeBeside(family, folder, within);
    if (place !== null && isPlainPath(within)) return place;
    const message = `runtime location ${quote(written)}: ${quote(within)} is no path there`;
    return unreachable(written, message);
  };
}

/** A place in the folder of a runtime copy; its bucket may be told by captures. */
export function folderOf(
  { reading: { reading } }: Family,
  { folder, written }: Runtime,
  copy: RuntimeCopy,
  captured: Captured,
): Location {
  const text = fillCaptures(folder, captured);
  if (text === folder) return copy.location;
  const problems: string[] = [];
  const nowhere: ContractFile = {
    data: undefined,
    problems: [],
    lineOf: () => 1,
    report: (_path, message) => void problems.push(message),
    isReported: () => false,
    written: () => null,
    namesIn: () => [],
  };
  const access = isReached(copy.location) ? copy.location.access : reading.access;
  const reach = { access, unset: [] };
  const of = { side: 'runtime', reach, path: [] } as const;
  const found = readLocation(nowhere, text + anyFile, of, reading);
  return found ?? unreachable(written, problems.join('; '));
}

/** Whether a location says how it is reached. */
function isReached(location: Location): location is Location & { readonly access: S3Access } {
  return 'access' in location;
}

function unreachable(shown: string, message: string): UnsetLocation {
  const fault = new KeydriftError('LOCATION_INVALID', message, { place: { side: 'runtime' } });
  return { kind: 'unset', shown, fault };
}
