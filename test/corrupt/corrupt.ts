import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { formats } from '../../src/formats/index.ts';
import { compressions, writers } from '../formats/hostile.ts';
import { damage } from './damage.ts';
import { readByProduct, type Outcome } from './read.ts';

/** How one file's damaged copies came out. */
export interface Counts {
  readonly name: string;
  files: number;
  /** Neither reads it. */
  refused: number;
  /** Both read the same rows. */
  same: number;
  /** Python reads it, and keydrift does not. */
  stricter: number;
  /** keydrift reads it, and Python does not. */
  laxer: number;
  /** Both read it, and other rows. */
  different: number;
  /** The product threw what is no error of its own. */
  crashed: number;
  /** The first few of what is to be looked at. */
  readonly shown: string[];
}

interface Options {
  /** With pyarrow, PyYAML and zstandard. */
  readonly python: string;
  readonly reader: string;
  readonly directory: string;
  readonly flips: number;
  readonly seed: number;
}

/** One file that both read. */
export interface Tried {
  /** For people: `cut 12`, a file's name. */
  readonly how: string;
  /** Its ending tells how it is to be read. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Damages every format in every compression, and reads all of it here and by Python. */
export async function tryAll(options: Options, tell: (counts: Counts) => void): Promise<void> {
  const { flips, seed } = options;
  for (const format of Object.keys(formats)) {
    for (const [ending, compress] of compressions) {
      const name = `t.${format}${ending}`;
      const damaged = damage(compress(writers[format]!('delta')), { step: 1, flips, seed });
      tell(await tryFiles(name, named(name, damaged), options));
    }
  }
}

function* named(name: string, damaged: Iterable<Omit<Tried, 'name'>>): Generator<Tried> {
  for (const one of damaged) yield { ...one, name };
}

/** Reads some files here and by Python, and counts how they came out. */
export async function tryFiles(
  title: string,
  files: Iterable<Tried>,
  { python, reader, directory }: Pick<Options, 'python' | 'reader' | 'directory'>,
): Promise<Counts> {
  const archive = join(directory, 'archive');
  const handle = await open(archive, 'w');
  const own: { readonly how: string; readonly outcome: Outcome | { readonly crash: string } }[] =
    [];
  for (const { how, name, bytes } of files) {
    await handle.write(`${JSON.stringify({ name, bytes: bytes.length })}\n`);
    await handle.write(bytes);
    const outcome = await readByProduct(name, bytes).catch((error: unknown) => ({
      crash: error instanceof Error ? `${error.message} ${error.stack?.split('\n')[1] ?? ''}` : '',
    }));
    own.push({ how, outcome });
  }
  await handle.close();
  const told = join(directory, 'told');
  await run(python, [reader, archive], told);
  const none = { refused: 0, same: 0, stricter: 0, laxer: 0, different: 0, crashed: 0 };
  const counts: Counts = { name: title, files: own.length, ...none, shown: [] };
  let at = 0;
  for await (const line of createInterface({ input: createReadStream(told) })) {
    const { how, outcome } = own[at]!;
    at += 1;
    count(counts, how, outcome, JSON.parse(line) as Theirs);
  }
  if (at !== own.length) throw new Error(`${title}: Python told of ${at} files of ${own.length}`);
  await rm(archive);
  return counts;
}

interface Theirs {
  readonly rows?: readonly string[];
  readonly error?: string;
}

function count(
  counts: Counts,
  how: string,
  own: Outcome | { readonly crash: string },
  theirs: Theirs,
): void {
  const rows = theirs.rows?.join('\n');
  const kind =
    'crash' in own
      ? 'crashed'
      : 'code' in own
        ? rows === undefined
          ? 'refused'
          : 'stricter'
        : rows === undefined
          ? 'laxer'
          : rows === own.rows
            ? 'same'
            : 'different';
  counts[kind] += 1;
  if (kind === 'same' || kind === 'refused') return;
  const said = 'crash' in own ? own.crash : 'code' in own ? `${own.code}: ${own.says}` : own.rows;
  if (counts.shown.length < 2000) {
    counts.shown.push(
      `${kind} ${how}: ${said.slice(0, 160)} | ${(theirs.error ?? rows ?? '').slice(0, 160)}`,
    );
  }
}

async function run(python: string, words: readonly string[], to: string): Promise<void> {
  const handle = await open(to, 'w');
  const child = spawn(python, words, { stdio: ['ignore', handle.fd, 'inherit'] });
  const [code] = (await once(child, 'close')) as [number | null];
  await handle.close();
  if (code !== 0) throw new Error(`${python} ended with ${code}`);
}
