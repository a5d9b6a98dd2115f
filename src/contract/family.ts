import { quote, type ArtifactContract, type ArtifactFamily } from '../model/index.ts';
import { readArtifact, type ArtifactReading } from './artifact.ts';
import { allSaid, isCopies, type ArtifactDraft, type CopyDraft } from './draft.ts';
import type { ContractFile, Path } from './file.ts';
import {
  capturesOf,
  fillCaptures,
  isExact,
  isUnclear,
  matchPath,
  parseGlob,
  segmentsOf,
  type Glob,
} from './glob.ts';
import {
  anyFile,
  filledWords,
  ignoreOf,
  labelOf,
  memberOf,
  ownerOf,
  type Family,
  type Runtime,
} from './members.ts';
import { placesOf } from './strays.ts';

/** The glob of an artifact's `reviewed`; null: it names one file. */
export function globOf({ reviewed }: ArtifactDraft): Glob | null {
  const text = typeof reviewed === 'string' ? reviewed : reviewed?.path;
  return text === undefined ? null : parseGlob(text);
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
  const inOwner = capturesOf(segmentsOf(draft.owner ?? ''));
  const unknown = inOwner.find((one) => !glob.captures.includes(one));
  if (unknown !== undefined) reportUnknown(file, glob, unknown, [...path, 'owner']);
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
  const owners = allSaid(
    [{ rank: 'artifact', file, words: draft, path }, ...reading.defaults],
    'owner',
  );
  const family: Family = {
    name,
    draft,
    glob,
    template,
    overrides,
    runtimes,
    reading,
    owners: owners.map(({ value }) => value),
  };
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
    // Where it stands for itself, nothing is captured.
    template: {
      ...template,
      owner: ownerOf(family.owners, new Map()),
      ...filledWords(template, new Map(), glob.captures),
    },
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

function reportUnknown(file: ContractFile, { captures }: Glob, name: string, path: Path): void {
  const known = captures.map((one) => `{${one}}`).join(', ');
  const hint = known === '' ? 'It has none.' : `It has ${known}.`;
  file.report(path, `"reviewed" captures no {${name}}`, hint);
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
      reportUnknown(file, glob, unknown, place);
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
