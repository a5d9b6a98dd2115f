import {
  KeydriftError,
  quote,
  type ArtifactContract,
  type ArtifactFamily,
  type FamilyPlace,
  type Location,
} from '../model/index.ts';
import type { ArtifactDraft } from './draft.ts';
import {
  capturesOf,
  fillCaptures,
  isNamedBy,
  isUsuallyIgnored,
  matchPath,
  pathOf,
  segmentsOf,
  type Captured,
  type Glob,
} from './glob.ts';
import {
  filledWords,
  folderOf,
  ignoreOf,
  nameOf,
  ownerOf,
  placeBeside,
  withoutEnding,
  type Family,
  type Runtime,
} from './members.ts';

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
      return { copy, folder, ...strays(family, runtime, member, folder, known) };
    });
  });
}

/** Objects that no reviewed file explains, by their paths under a folder. */
function strays(
  family: Family,
  runtime: Runtime,
  member: ArtifactFamily['member'],
  folder: Location,
  known: Captured,
): Pick<FamilyPlace, 'at' | 'stray'> {
  const ignored = ignoreOf(family.draft).runtime;
  const appended = runtime.written.endsWith('/');
  const pattern = segmentsOf(appended ? `${runtime.rest}**` : runtime.rest);
  const at: FamilyPlace['at'] = (path) =>
    isUsuallyIgnored(path) || isNamedBy(ignored, path) ? null : placeBeside(family, folder, path);
  return {
    at,
    stray(path) {
      const location = at(path);
      const found = location === null ? null : matchPath(pattern, path);
      if (location === null || found === null) return null;
      const captured = new Map([...known, ...found]);
      const whole = reviewedPathOf(family.glob, runtime, path, captured);
      const expected = whole === null ? null : member(whole);
      const own = expected ?? unexplained(family, path, whole, captured);
      const copies = own.copies.flatMap((copy) =>
        copy.name === runtime.copy ? [{ ...copy, location }] : [],
      );
      const place = expected === null ? null : family.glob.base + whole;
      const fault = notReviewed(path, place, family.draft.ignore);
      const reviewed = expected?.reviewed ?? { kind: 'unset', shown: path, fault };
      return { ...own, copies, reviewed, unexplained: fault };
    },
  };
}

/** The path under the glob's base that an object's reviewed file would have, as far as it can be told. */
function reviewedPathOf(
  { segments }: Glob,
  { rest, told, written }: Runtime,
  path: string,
  captured: Captured,
): string | null {
  if (!written.endsWith('/')) return pathOf(segments, captured);
  const folders = pathOf(segments.slice(0, told), captured);
  const left = path.split('/').slice(rest.split('/').length - 1);
  return folders === null ? null : [...(folders === '' ? [] : [folders]), ...left].join('/');
}

/**
 * The artifact of an object that no file of the glob could explain, called as the others are. Who owns
 * it is told by the folders that it has in common with them; what scans is not known.
 */
function unexplained(
  { name, glob, template, owners }: Family,
  path: string,
  whole: string | null,
  captured: Captured,
): ArtifactContract {
  const { cost: _, ...words } = template;
  const place = whole ?? path;
  const inFolders = new Map([...foldersOf(glob, place), ...captured]);
  return {
    ...words,
    name: nameOf(name, withoutEnding(glob, place)),
    owner: ownerOf(owners, inFolders),
    ...filledWords(template, inFolders, glob.captures),
  };
}

/** What the captures of a glob's leading folders are in a path that is none of it. */
function foldersOf({ segments }: Glob, path: string): Captured {
  const parts = path.split('/');
  for (let depth = Math.min(parts.length, segments.length) - 1; depth > 0; depth -= 1) {
    const leading = segments.slice(0, depth);
    if (leading.includes('deep')) continue;
    const captured = matchPath(leading, parts.slice(0, depth).join('/'));
    if (captured !== null) return captured;
  }
  return new Map();
}

/** What is wrong with an object without a reviewed file; `place`: the path that it would have. */
function notReviewed(
  path: string,
  place: string | null,
  ignored: ArtifactDraft['ignore'],
): KeydriftError {
  const name = quote(path);
  const ignore =
    ignored === undefined ? `ignore: {runtime: [${name}]}` : `add ${name} to what \`ignore\` names`;
  const review = place === null ? '' : `review it: commit it as ${place}; or `;
  const hint = `${review}let the contract leave it out: ${ignore}; or remove the object.`;
  return new KeydriftError('NOT_REVIEWED', `no reviewed file explains ${quote(path)}`, {
    hint: hint[0]!.toUpperCase() + hint.slice(1),
    place: { side: 'reviewed' },
  });
}
