import { basename, dirname, join, posix, relative } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { globNames, readIncluded, type ContractText } from '../../contract/index.ts';
import { findContract } from '../../judge/contract-files.ts';
import type { AppContext, Sources } from '../../judge/context.ts';
import {
  faultClass,
  KeydriftError,
  toKeydriftError,
  type Folder,
  type GitLocation,
  type ListedFile,
  type ReaderName,
  type S3Access,
  type Schemes,
} from '../../model/index.ts';

/** The repository around the working directory, as its HEAD is. */
export interface Repository {
  /** Absolute. */
  readonly root: string;
  /** None before its first commit. */
  readonly files: readonly ListedFile[];
}

/** Where a contract is, or would be. */
export interface ContractPlace {
  /** Absolute. */
  readonly path: string;
  /** Null: there is none yet. */
  readonly text: string | null;
  /** The contracts that it includes, and what these include. */
  readonly included: readonly Pick<ContractText, 'path' | 'text'>[];
}

/** A program of the repository that names a file, and what it imports to read it. */
export interface SeenReader {
  readonly reader: ReaderName;
  /** `jobs/load.py, line 12`. */
  readonly where: string;
}

/** The repository of the working directory; null: there is none. */
export async function openRepository(
  { workingDirectory }: AppContext,
  sources: Sources,
): Promise<Repository | null> {
  const root: GitLocation = { kind: 'git', repository: workingDirectory, path: '', ref: 'HEAD' };
  const inside: GitLocation = { ...root, path: 'keydrift.yaml' };
  try {
    const source = await sources.of(root);
    const found = await source.repositoryOf?.(inside);
    if (found === undefined || found.kind === 'bare') return null;
    const listing = Promise.resolve(source.list?.({ root, prefix: '' }) ?? []);
    return { root: found.directory, files: await listing.catch(orThrow([])) };
  } catch (thrown) {
    return orThrow(null)(thrown);
  }
}

/** What stands for what git cannot tell; a fault of keydrift's own is thrown. */
function orThrow<T>(instead: T): (thrown: unknown) => T {
  return (thrown) => {
    const error = toKeydriftError(thrown);
    if (faultClass(error) === 'internal') throw error;
    return instead;
  };
}

/** The contract of the working directory, or where one would be made. */
export async function contractPlace(
  context: AppContext,
  config: string | null,
  sources: Sources,
): Promise<ContractPlace> {
  if (config?.startsWith('git:') === true) {
    throw new KeydriftError('USAGE', `--config ${config}: init reads a contract's file`);
  }
  const access = {
    endpoint: null,
    region: null,
    profile: null,
    expectedOwner: null,
    anonymous: true,
  };
  const found = await findContract(context, { config, access }, sources);
  if (found === null) {
    const path = join(context.workingDirectory, config ?? 'keydrift.yaml');
    return { path, text: null, included: [] };
  }
  // What cannot be read is told by whoever checks the contract.
  const { included } = await readIncluded(found, found.store).catch(orThrow({ included: [] }));
  const text = Buffer.from(found.bytes).toString('utf8');
  return { path: found.path, text, included: included.flatMap(withIncluded) };
}

function withIncluded(one: ContractText): readonly ContractText[] {
  return [one, ...one.included.flatMap(withIncluded)];
}

/** An artifact as a contract's text names it. */
export interface NamedEntry {
  readonly name: string;
  /** The contract that says so, absolute. */
  readonly contract: string;
  /** Path or glob of its reviewed copy, from that contract's folder; null: nowhere. */
  readonly reviewed: string | null;
}

/** The artifacts of a contract's text; one that cannot be read names none. */
export function entriesOf({
  path,
  text,
}: Pick<ContractPlace, 'path' | 'text'>): readonly NamedEntry[] {
  let data: unknown = null;
  try {
    data = parseYaml(text ?? '');
  } catch {
    return [];
  }
  const artifacts: unknown = Reflect.get(Object(data), 'artifacts');
  return Object.entries(Object(artifacts)).map(([name, artifact]) => {
    return { name, contract: path, reviewed: reviewedOf(artifact) };
  });
}

/** Whether an entry names an absolute path as its reviewed copy, by itself or by a glob. */
export function namesFile({ contract, reviewed }: NamedEntry, file: string): boolean {
  return reviewed !== null && namesPath(reviewed, relative(dirname(contract), file));
}

/** Whether a path or a glob names a path of the same folder. */
export function namesPath(reviewed: string, path: string): boolean {
  return posix.normalize(reviewed) === posix.normalize(path) || globNames(reviewed, path);
}

/** Where the reviewed copy of an artifact is, as it stands there; null: nowhere. */
export function reviewedOf(artifact: unknown): string | null {
  const reviewed: unknown = Reflect.get(Object(artifact), 'reviewed');
  const path: unknown =
    typeof reviewed === 'string' ? reviewed : Reflect.get(Object(reviewed), 'path');
  return typeof path === 'string' ? path : null;
}

/** Paths of files of one name, as a contract in `from` writes them. */
export function pathsInGit(
  { root, files }: Repository,
  name: string,
  from: string,
): readonly string[] {
  return files
    .filter((file) => basename(file.name) === name)
    .map((file) => relative(from, join(root, file.name)));
}

/** A folder of a store that somebody named, `s3://bucket/prefix`. Throws `USAGE`. */
export function folderOf(
  text: string,
  { schemes, access }: { readonly schemes: Schemes; readonly access: S3Access },
): Folder {
  const scheme = Object.values(schemes).find(
    ({ written }) => written !== undefined && text.startsWith(written.prefix),
  );
  const fault = (message: string): KeydriftError =>
    new KeydriftError('USAGE', `${text}: ${message}`, { hint: 'Write s3://BUCKET/PREFIX/.' });
  const folder = scheme?.folder?.(text, { access, fault });
  if (folder === undefined) throw fault('expected a bucket, or a prefix of one');
  const isOpen = folder.prefix === '' || folder.prefix.endsWith('/');
  return isOpen ? folder : { ...folder, prefix: `${folder.prefix}/` };
}

/** Every object below a folder, by the last part of its name. */
export async function namesBelow(
  folder: Folder,
  sources: Sources,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const source = await sources.of(folder.root);
  const files = (await source.list?.(folder)) ?? [];
  const names = new Map<string, string[]>();
  for (const { name, location } of files) {
    if (name.endsWith('/')) continue;
    const text = sources.scheme(location).textOf(location);
    const known = names.get(basename(name));
    if (known === undefined) names.set(basename(name), [text]);
    else known.push(text);
  }
  return names;
}

/** Programs by the ending of their names, and what in them tells a reader. */
const programs = /\.(?:py|ipynb|scala|java|kt|sql|r|sh)$/i;
const mostPrograms = 3000;
const mostBytes = 1 << 20;

const imports: readonly (readonly [ReaderName, RegExp])[] = [
  ['pandas', /^\s*(?:import\s+pandas\b|from\s+pandas\b)|\bpd\.read_(?:csv|table|parquet|json)\b/m],
  [
    'polars',
    /^\s*(?:import\s+polars\b|from\s+polars\b)|\bpl\.(?:read|scan)_(?:csv|parquet|ndjson)\b/m,
  ],
  ['duckdb', /^\s*(?:import\s+duckdb\b|from\s+duckdb\b)|\bread_csv(?:_auto)?\s*\(\s*'/m],
  ['spark', /\bpyspark\b|\borg\.apache\.spark\b|\bspark\.read\b/m],
  ['pyarrow', /^\s*(?:import\s+pyarrow\b|from\s+pyarrow\b)/m],
  ['python-csv', /^\s*(?:import\s+csv\b|from\s+csv\s+import\b)/m],
  ['redshift', /^\s*copy\s+\S+\s+from\s+'s3:/im],
];

/** What programs of the repository that name a file import. */
export async function readersOf(
  { files }: Repository,
  name: string,
  sources: Sources,
): Promise<readonly SeenReader[]> {
  const seen: SeenReader[] = [];
  const code = files.filter((file) => programs.test(file.name) && file.bytes <= mostBytes);
  for (const { name: path, location } of code.slice(0, mostPrograms)) {
    const pieces: Uint8Array[] = [];
    for await (const chunk of (await sources.pin(location)).open())
      pieces.push(Uint8Array.from(chunk));
    const text = Buffer.concat(pieces).toString('utf8');
    if (!text.includes(name)) continue;
    for (const [reader, pattern] of imports) {
      const found = pattern.exec(text);
      if (found === null) continue;
      const line = text.slice(0, found.index + found[0].search(/\S/)).split('\n').length;
      seen.push({ reader, where: `${path}, line ${line}` });
    }
  }
  return seen;
}

/** The folder in which a contract's relative paths start. */
export function folderOfContract({ path }: ContractPlace): string {
  return dirname(path);
}
