import {
  KeydriftError,
  quote,
  type ArtifactContract,
  type ArtifactFamily,
  type FamilyPlace,
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
  pathOf,
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
export function labelOf({ segments, captures }: Glob, path: string, captured: Captured): string {
  if (captures.length > 0) return captures.map((name) => captured.get(name) ?? '').join('.');
  const last = segments.at(-1);
  const end = last === undefined || last === 'deep' ? undefined : last.at(-1);
  const ending = typeof end === 'string' && end.startsWith('.') ? end : '';
  return path.slice(0, path.length - ending.length);
}

function nameOf(entry: string, label: string): string {
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
  const { name, glob, template, overrides, runtimes, draft } = family;
  const ignored = ignoreOf(draft).reviewed;
  const locate = locator(family);
  return (path) => {
    if (!isPlainPath(path) || isUsuallyIgnored(path) || isNamedBy(ignored, path)) return null;
    const captured = matchPath(glob.segments, path);
    if (captured === null) return null;
    const label = labelOf(glob, path, captured);
    const own = overrides.get(label) ?? template;
    const copies = own.copies.map((copy) => {
      const runtime = runtimes.find((one) => one.copy === copy.name);
      return runtime === undefined
        ? copy
        : { ...copy, location: locate(runtime, copy, path, captured) };
    });
    return {
      ...own,
      name: nameOf(name, label),
      owner: own.owner === null ? null : fillCaptures(own.owner, captured),
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
function placeBeside(
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
function folderOf(
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

/** Where objects of each copy lie: what is found there and no reviewed file explains is not reviewed. */
export function placesOf(
  family: Family,
  member: ArtifactFamily['member'],
  paths: readonly string[],
): readonly FamilyPlace[] {
  const { glob, template, runtimes } = family;
  return runtimes.flatMap((runtime) => {
    const copy = template.copies.find(({ name }) => name === runtime.copy);
    if (copy === undefined || copy.policy.unreviewed === 'ignore') return [];
    const folders = new Map<string, Captured>();
    const isFixed = capturesOf(segmentsOf(runtime.folder)).length === 0;
    if (isFixed) folders.set(runtime.folder, new Map());
    for (const path of isFixed ? [] : paths) {
      const captured = matchPath(glob.segments, path) ?? new Map<string, string>();
      folders.set(fillCaptures(runtime.folder, captured), captured);
    }
    return [...folders.values()].map((captured) => {
      const folder = folderOf(family, runtime, copy, captured);
      const known = new Map([...captured].filter(([name]) => runtime.folder.includes(`{${name}}`)));
      const stray = strayOf(family, runtime, member, folder, known);
      return { copy, folder, stray };
    });
  });
}

/** The artifact of an object that no reviewed file explains, by its path under its folder; null: it is ignored. */
function strayOf(
  family: Family,
  runtime: Runtime,
  member: ArtifactFamily['member'],
  folder: Location,
  known: Captured,
): FamilyPlace['stray'] {
  const { name, glob, template, draft } = family;
  const ignored = ignoreOf(draft).runtime;
  const appended = runtime.written.endsWith('/');
  const pattern = segmentsOf(appended ? `${runtime.rest}**` : runtime.rest);
  return (path) => {
    if (isUsuallyIgnored(path) || isNamedBy(ignored, path)) return null;
    const found = matchPath(pattern, path);
    const location = placeBeside(family, folder, path);
    if (found === null || location === null) return null;
    const captured = new Map([...known, ...found]);
    const depth = runtime.rest.split('/').length - 1;
    const left = appended ? [path.split('/').slice(depth).join('/')] : [];
    const told = pathOf(glob.segments.slice(0, runtime.told), captured);
    const whole = appended
      ? told === null
        ? null
        : [...(told === '' ? [] : [told]), ...left].join('/')
      : pathOf(glob.segments, captured);
    const expected = whole === null ? null : member(whole);
    const own = expected ?? { ...template, name: nameOf(name, path), reviewed: notReviewed(path) };
    const copies = own.copies.flatMap((copy) =>
      copy.name === runtime.copy ? [{ ...copy, location }] : [],
    );
    return { ...own, copies };
  };
}

/** Where the reviewed file of an object would be that has none. */
export function notReviewed(path: string): UnsetLocation {
  const fault = new KeydriftError('NOT_REVIEWED', `no reviewed file explains ${quote(path)}`, {
    hint: 'Remove the object, review it, or let `ignore` name it.',
    place: { side: 'reviewed' },
  });
  return { kind: 'unset', shown: path, fault };
}
