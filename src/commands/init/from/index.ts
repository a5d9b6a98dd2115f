import { stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import type { AppContext, Sources } from '../../../judge/context.ts';
import { registriesOf } from '../../../judge/registries.ts';
import { KeydriftError, sha256Hex, type S3Access } from '../../../model/index.ts';
import { readNamed } from '../../../sources/index.ts';
import { nameFor } from '../init.ts';
import {
  folderOf,
  folderOfContract,
  namesBelow,
  type ContractPlace,
  type Repository,
} from '../places.ts';
import type { Proposal, ProposedWord } from '../proposal.ts';
import { dbt } from './dbt.ts';
import { readDocument, type ContractKind, type SourceTable } from './document.ts';
import { odcs } from './odcs.ts';
import { tableSchema } from './table-schema.ts';

/** Every kind of contract that can be read: a new one is a file here, and one line. */
const kinds: readonly ContractKind[] = [dbt, odcs, tableSchema];

/** A contract of another tool is never as large. */
const mostBytes = 16 << 20;

export interface FromRequest {
  readonly context: AppContext;
  readonly sources: Sources;
  /** As it was typed. */
  readonly file: string;
  readonly inside: string | null;
  readonly access: S3Access;
  readonly contract: ContractPlace;
  readonly repository: Repository | null;
}

/** Proposes what a contract of another tool says, each line with where it stands there. Throws `USAGE`. */
export async function proposeFromContract(request: FromRequest): Promise<readonly Proposal[]> {
  const { context, sources, file, contract, inside, access, repository } = request;
  const path = resolve(context.workingDirectory, file);
  const bytes = await readSmall(path, file);
  const document = readDocument(bytes.toString('utf8'), basename(file));
  const kind = kinds.find((one) => document !== null && one.recognizes(document.data));
  if (document === null || kind === undefined) {
    throw new KeydriftError('USAGE', `${file} is no contract that can be read`, {
      hint: `Expected ${kinds.map(({ what }) => what).join(', or ')}.`,
    });
  }
  const { formats, schemes } = registriesOf(context);
  const objects =
    inside === null ? null : await namesBelow(folderOf(inside, { schemes, access }), sources);
  const from = folderOfContract(contract);
  const sha256 = sha256Hex(bytes);
  const source: ProposedWord = {
    word: 'from',
    value: { path: relative(from, path), sha256 },
    notes: ['lint warns when it is no longer this one'],
  };
  return kind.tables(document).map((table) => ({
    name: nameFor(formats, table.name),
    head: [`proposed by keydrift init from ${file} (${kind.what})`],
    words: [
      source,
      reviewedWord(table, { path, from, repository }),
      runtimeWord(table, objects, inside),
      ...table.words,
    ],
  }));
}

async function readSmall(path: string, shown: string): Promise<Buffer> {
  const unread = (why: string, cause?: unknown): KeydriftError =>
    new KeydriftError('USAGE', `--from ${shown}: ${why}`, {
      cause,
      hint: 'Name the file that is the contract of another tool.',
    });
  try {
    const { size } = await stat(path);
    if (size <= mostBytes) return await readNamed(path, (kind) => unread(`it is ${kind}`));
  } catch (cause) {
    if (cause instanceof KeydriftError) throw cause;
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw unread(`it cannot be read (${code})`, cause);
  }
  throw unread(`it is larger than ${mostBytes} bytes`);
}

function stem(path: string): string {
  return basename(path).replace(/\..*$/, '');
}

/** The file that a table describes: as it says, or the committed one of its name. */
function reviewedWord(
  { file, name }: SourceTable,
  at: { readonly path: string; readonly from: string; readonly repository: Repository | null },
): ProposedWord {
  if (file !== null && 'path' in file) {
    const path = relative(at.from, join(dirname(at.path), file.path));
    return { word: 'reviewed', value: path, notes: ['the path that it names'] };
  }
  const wanted = file?.name ?? name;
  const found = (at.repository?.files ?? [])
    .filter((one) => basename(one.name) === wanted || stem(one.name) === wanted)
    .filter((one) =>
      /\.(?:csv|tsv|psv|json|ndjson|jsonl|ya?ml|parquet)(?:\.(?:gz|zst))?$/i.test(one.name),
    )
    .map((one) => join(at.repository!.root, one.name))
    .filter((path) => path !== at.path);
  const [first, ...others] = found;
  if (first === undefined) {
    const unsure = ['no committed file has its name: commit the reviewed copy, and say where'];
    return { word: 'reviewed', value: `${stem(wanted)}.csv`, notes: [], unsure };
  }
  const unsure = others.map((path) => `there is ${relative(at.from, path)} as well`);
  return {
    word: 'reviewed',
    value: relative(at.from, first),
    notes: ['a committed file of its name'],
    unsure,
  };
}

function runtimeWord(
  { runtime, file, name }: SourceTable,
  objects: ReadonlyMap<string, readonly string[]> | null,
  inside: string | null,
): ProposedWord {
  if (runtime !== null) return { word: 'runtime', value: runtime.value, notes: [runtime.note] };
  const wanted = basename(file === null ? name : 'path' in file ? file.path : file.name);
  const [first, ...others] = objects?.get(wanted) ?? [];
  if (first !== undefined) {
    const unsure = others.map((text) => `there is ${text} as well`);
    return { word: 'runtime', value: first, notes: [`an object of its name in ${inside}`], unsure };
  }
  const unsure = ['it does not say where the job reads the copy: say it'];
  return { word: 'runtime', value: `s3://BUCKET/${wanted}`, notes: [], unsure };
}
