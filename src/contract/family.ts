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
import { readArtifact, type ArtifactReading } from './artifact.ts';
import { isCopies, type ArtifactDraft, type CopyDraft } from './draft.ts';
import type { ContractFile, Path } from './file.ts';
import {
  capturesOf,
  fillCaptures,
  isNamedBy,
  isPlainPath,
  isExact,
  isUnclear,
  isUsuallyIgnored,
  matchPath,
  parseGlob,
  pathOf,
  segmentsOf,
  type Captured,
  type Glob,
} from './glob.ts';
import { readLocation } from './places.ts';

/** Names a file that nobody has, where a folder is to be spoken of. */
const anyFile = 'keydrift';

/** The glob of an artifact's `reviewed`; null: it names one file. */
export function globOf({ reviewed }: ArtifactDraft): Glob | null {
  const text = typeof reviewed === 'string' ? reviewed : reviewed?.path;
  return text === undefined ? null : parseGlob(text);
}

/** A family while it is read. */
interface Family {
  readonly name: string;
  readonly draft: ArtifactDraft;
  readonly glob: Glob;
  readonly template: ArtifactContract;
  readonly overrides: ReadonlyMap<string, ArtifactContract>;
  readonly runtimes: readonly Runtime[];
  readonly reading: ArtifactReading;
}

/** The runtime copies of one name: what stands before what differs, and that. */
interface Runtime {
  readonly copy: string | null;
  readonly written: string;
  /** With the slash at its end; its bucket may hold captures. */
  readonly folder: string;
  readonly rest: string;
  /** So many segments of a reviewed path are told by `folder` and `rest`; what is left is appended. */
  readonly told: number;
}

/**
 * One entry for many artifacts: a glob of reviewed files. Reports what is wrong with it; null where the
 * file lacks what none can do without.
 */
export function readFamily(
  file: ContractFile,
  name: string,
  draft: ArtifactDraft,
  glob: Glob,
  reading: ArtifactReading,
): ArtifactFamily | null {
  const path: Path = ['artifacts', name];
  checkGlob(file, glob, [...path, 'reviewed']);
  const runtimes = readRuntimes(file, draft, glob, [...path, 'runtime']);
  const sample = sampled(draft, glob, runtimes, file.namesIn([...path, 'runtime']));
  const template = readArtifact(file, name, sample, { ...reading, captures: glob.captures });
  const overrides = new Map<string, ArtifactContract>();
  for (const label of file.namesIn([...path, 'overrides'])) {
    const words = draft.overrides?.[label];
    if (words === undefined) continue;
    const override = { words, path: [...path, 'overrides', label] };
    const own = readArtifact(file, name, sample, {
      ...reading,
      captures: glob.captures,
      override,
    });
    if (own !== null) overrides.set(label, own);
  }
  if (template === null) return null;
  const { schemes } = reading.reading;
  const places = [template.reviewed, ...template.copies.map(({ location }) => location)];
  const single = places.find(({ kind }) => kind !== 'unset' && schemes[kind]?.around === undefined);
  if (single !== undefined) file.report(path, `a glob cannot stand for ${single.kind} locations`);
  const family: Family = { name, draft, glob, template, overrides, runtimes, reading };
  return describeFamily(file, family);
}

function describeFamily(file: ContractFile, family: Family): ArtifactFamily {
  const { name, glob, template, overrides, draft } = family;
  const { reviewed } = draft;
  const member = memberOf(family);
  return {
    name,
    line: file.lineOf(['artifacts', name]),
    shown: (typeof reviewed === 'string' ? reviewed : reviewed?.path) ?? '',
    runtimes: family.runtimes.map(({ written }) => written),
    ignore: ignoreOf(draft),
    template,
    overrides,
    member,
    labelOf: (path) => {
      const captured = matchPath(glob.segments, path);
      return captured === null ? null : labelOf(glob, path, captured);
    },
    places: (members) => placesOf(family, member, members),
  };
}

function checkGlob(file: ContractFile, { segments, captures }: Glob, path: Path): void {
  const twice = captures.find((name, at) => captures.indexOf(name) !== at);
  if (twice !== undefined) file.report(path, `the capture {${twice}} stands there twice`);
  if (isUnclear(segments)) {
    const hint = 'Put some text between them: {team}-{table}.csv';
    file.report(path, 'two of *, ** and {name} side by side', hint);
  }
}

/** The locations of `runtime`, as far as they differ by file. Reports one that does not. */
function readRuntimes(
  file: ContractFile,
  { runtime }: ArtifactDraft,
  glob: Glob,
  path: Path,
): readonly Runtime[] {
  const read = (copy: string | null, one: string | CopyDraft, at: Path): readonly Runtime[] => {
    const written = typeof one === 'string' ? one : one.url;
    if (written === undefined) return [];
    const place = typeof one === 'string' ? at : [...at, 'url'];
    const own = parseGlob(written)?.captures ?? [];
    const unknown = own.find((name) => !glob.captures.includes(name));
    if (unknown !== undefined) {
      const known = glob.captures.map((name) => `{${name}}`).join(', ');
      const hint = known === '' ? 'It has none.' : `It has ${known}.`;
      file.report(place, `"reviewed" captures no {${unknown}}`, hint);
      return [];
    }
    if (!written.endsWith('/') && own.length === 0) {
      const hint = 'Write a folder, with a slash at its end, or use what "reviewed" captures.';
      file.report(place, `all files of the glob would be ${quote(written)}`, hint);
      return [];
    }
    return [{ copy, written, ...splitRuntime(written), told: toldBy(glob, own) }];
  };
  if (runtime === undefined) return [];
  if (typeof runtime === 'string') return read(null, runtime, path);
  const names = file.namesIn(path);
  if (!isCopies(runtime, names)) return read(null, runtime, path);
  return names.flatMap((name) => {
    const copy = runtime[name];
    return copy === undefined ? [] : read(name, copy, [...path, name]);
  });
}

/** What is the same for all files, up to a slash, but for a bucket that is told by a capture. */
function splitRuntime(written: string): Pick<Runtime, 'folder' | 'rest'> {
  const authority = /^[a-z0-9]+:\/\/[^/]*\//.exec(written)?.[0] ?? '';
  const base = parseGlob(written.slice(authority.length))?.base;
  const folder = authority + (base ?? written.slice(authority.length));
  return { folder, rest: written.slice(folder.length) };
}

/** Leading folders of a reviewed path that are plain text, or captures that `runtime` uses. */
function toldBy({ segments }: Glob, used: readonly string[]): number {
  const folders = segments.slice(0, -1);
  const first = folders.findIndex(
    (segment) => !isExact(segment) || capturesOf([segment]).some((name) => !used.includes(name)),
  );
  return first === -1 ? folders.length : first;
}

/** The artifact as if each of its locations were one file. */
function sampled(
  draft: ArtifactDraft,
  glob: Glob,
  runtimes: readonly Runtime[],
  copies: readonly string[],
): ArtifactDraft {
  const captured = new Map(glob.captures.map((name) => [name, name]));
  const place = (copy: string | null, written: string | undefined): string | undefined => {
    const of = runtimes.find((one) => one.copy === copy && one.written === written);
    return of === undefined ? undefined : fillCaptures(of.folder, captured) + anyFile;
  };
  const { reviewed, runtime } = draft;
  const path = glob.base + anyFile;
  const copyAt = (
    copy: string | null,
    one: string | CopyDraft | undefined,
  ): string | CopyDraft | undefined => {
    if (one === undefined || typeof one === 'string') return place(copy, one);
    return { ...one, url: place(copy, one.url) };
  };
  const sample = (): ArtifactDraft['runtime'] => {
    if (runtime === undefined || typeof runtime === 'string') return copyAt(null, runtime);
    if (!isCopies(runtime, copies)) return copyAt(null, runtime);
    return Object.fromEntries(copies.map((name) => [name, copyAt(name, runtime[name])]));
  };
  return {
    ...draft,
    reviewed: typeof reviewed === 'object' ? { ...reviewed, path } : path,
    runtime: sample(),
  };
}

/** What an artifact is called after its entry's name. */
function labelOf({ segments, captures }: Glob, path: string, captured: Captured): string {
  if (captures.length > 0) return captures.map((name) => captured.get(name) ?? '').join('.');
  const last = segments.at(-1);
  const end = last === undefined || last === 'deep' ? undefined : last.at(-1);
  const ending = typeof end === 'string' && end.startsWith('.') ? end : '';
  return path.slice(0, path.length - ending.length);
}

function nameOf(entry: string, label: string): string {
  return `${entry}.${label.replaceAll(/[^A-Za-z0-9_.-]/g, (sign) => (sign === '/' ? '.' : '_'))}`;
}

function ignoreOf({ ignore }: ArtifactDraft): ArtifactFamily['ignore'] {
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
function memberOf(family: Family): ArtifactFamily['member'] {
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
function placesOf(
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
