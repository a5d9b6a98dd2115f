import { relative } from 'node:path';
import { isWithin } from '../../sources/index.ts';
import { registriesOf } from '../../judge/registries.ts';
import type { Location } from '../../model/index.ts';
import {
  folderOf,
  folderOfContract,
  namesBelow,
  pathsInGit,
  readersOf,
  type Repository,
} from './places.ts';
import type { InitRequest, ProposedWord } from './proposal.ts';

/** The file that is looked into, and the repository of the working directory; null: none is there. */
export interface Whereabouts {
  readonly location: Location;
  readonly name: string;
  readonly repository: Repository | null;
}

/** Where both copies are, as far as names tell. */
export async function placesOf(
  { context, sources, file, stdin, inside, access, contract }: InitRequest,
  { location, name, repository }: Whereabouts,
): Promise<readonly ProposedWord[]> {
  const scheme = sources.scheme(location);
  const from = folderOfContract(contract);
  const path = stdin === null ? scheme.pathOf?.(location) : undefined;
  // Without a repository, the folder of the contract is the most that can be known of one.
  const root = repository?.root ?? from;
  const own = path === undefined ? null : relative(root, path);
  const isTracked = repository?.files.some((one) => one.name === own) === true;
  const paths = isTracked
    ? [relative(from, path!)]
    : repository === null
      ? []
      : pathsInGit(repository, name, from);
  const found =
    inside === null
      ? []
      : ((
          await namesBelow(
            folderOf(inside, { schemes: registriesOf(context).schemes, access }),
            sources,
          )
        ).get(name) ?? []);
  const isObject = scheme.isRemote?.(location) === true;
  return [
    reviewedWord(paths, isTracked, {
      here: path === undefined || !isWithin(root, path) ? null : relative(from, path),
      name,
      repository,
    }),
    runtimeWord(isObject ? [scheme.textOf(location)] : found, { file, name, inside, isObject }),
  ];
}

function reviewedWord(
  paths: readonly string[],
  isTracked: boolean,
  found: {
    /** Where the file itself lies in the repository; null: it does not. */
    readonly here: string | null;
    readonly name: string;
    readonly repository: Repository | null;
  },
): ProposedWord {
  const { here, name, repository } = found;
  const [first, ...others] = paths;
  if (first !== undefined) {
    const notes = [isTracked ? 'it is committed there' : 'a committed file has this name'];
    const unsure = others.map((path) => `there is ${path} as well`);
    return { word: 'reviewed', value: first, notes, unsure };
  }
  if (here !== null) {
    const unsure = [
      repository === null ? 'no repository is here: commit it' : 'it is not committed yet',
    ];
    return { word: 'reviewed', value: here, notes: [], unsure };
  }
  const where = repository === null ? 'no repository is here' : 'no committed file has this name';
  return {
    word: 'reviewed',
    value: name === 'stdin' ? 'support/NAME.csv' : name,
    notes: [],
    unsure: [`${where}: commit the reviewed copy, and say where`],
  };
}

function runtimeWord(
  found: readonly string[],
  asked: { file: string; name: string; inside: string | null; isObject: boolean },
): ProposedWord {
  const [first, ...others] = found;
  if (first !== undefined) {
    const notes = asked.isObject ? [] : [`there is an object of this name in ${asked.inside}`];
    const unsure = others.map((text) => `there is ${text} as well`);
    return { word: 'runtime', value: first, notes, unsure };
  }
  const { inside } = asked;
  const where =
    inside === null
      ? 'where the job reads it: say it, or let --in s3://… look for it'
      : `no object in ${inside} has this name yet: is it where the job reads it?`;
  const folder = inside === null ? 's3://BUCKET/' : inside.replace(/\/?$/, '/');
  return {
    word: 'runtime',
    value: `${folder}${asked.name === 'stdin' ? 'NAME.csv' : asked.name}`,
    notes: [],
    unsure: [where],
  };
}

/** What the repository's own programs read the file with, where one of them says so. */
export async function readerWord(
  { sources }: InitRequest,
  { name, repository }: Whereabouts,
): Promise<readonly ProposedWord[]> {
  const seen = repository === null ? [] : await readersOf(repository, name, sources);
  if (seen.length === 0) return [];
  const readers = [...new Set(seen.map(({ reader }) => reader))];
  const notes = seen
    .slice(0, 5)
    .map(({ reader, where }) => `${reader} is imported in ${where}, which names ${name}`);
  const unsure = ['check that this is what the job reads it with, and with which options'];
  return [{ word: 'reader', value: readers.length === 1 ? readers[0] : readers, notes, unsure }];
}
