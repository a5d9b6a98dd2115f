import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { tryFiles, type Counts, type Tried } from './corrupt.ts';

/** How the files of a corpus are made into tables: by the ending of their names. */
const corpora: readonly {
  readonly title: string;
  readonly wanted: RegExp;
  readonly wrap: (bytes: Buffer) => Buffer;
  readonly as: string;
}[] = [
  { title: 'json', wanted: /^[yni]_.*\.json$/, wrap: inObject, as: 't.json' },
  { title: 'json as it is', wanted: /^[yni]_.*\.json$/, wrap: (bytes) => bytes, as: 't.json' },
  { title: 'yaml', wanted: /^in\.yaml$/, wrap: inMap, as: 't.yaml' },
  { title: 'yaml as it is', wanted: /^in\.yaml$/, wrap: (bytes) => bytes, as: 't.yaml' },
  { title: 'parquet', wanted: /\.parquet$/, wrap: (bytes) => bytes, as: 't.parquet' },
];

/** A value is the member of the one record. */
function inObject(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from('[{"v":'), bytes, Buffer.from('}]')]);
}

function inMap(bytes: Buffer): Buffer {
  const lines = bytes.toString('latin1').split('\n');
  const inside = lines.map((line) => (line === '' ? '' : `    ${line}`)).join('\n');
  return Buffer.from(`- v:\n${inside}`, 'latin1');
}

/** Reads the corpora that lie in some directories, here and by Python. */
export async function readCorpora(
  directories: readonly string[],
  options: Parameters<typeof tryFiles>[2],
  tell: (counts: Counts) => void,
): Promise<void> {
  const paths = directories.flatMap((directory) =>
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name)),
  );
  for (const { title, wanted, wrap, as } of corpora) {
    const files = paths
      .filter((path) => wanted.test(basename(path)))
      .sort((a, b) => (a < b ? -1 : 1))
      .map((path): Tried => ({ how: path, name: as, bytes: wrap(readFileSync(path)) }));
    if (files.length > 0) tell(await tryFiles(title, files, options));
  }
}
