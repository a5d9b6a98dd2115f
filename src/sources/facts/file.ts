import { compact, readFrom } from './compact.ts';
import { factsIn, lineOf } from './lines.ts';
import { appendLines, openPrivate } from './private.ts';

/** What is known under one name. */
export interface FactsFile {
  /** Undefined: nothing is known. A value may be anything that JSON can say: narrow it. */
  get(key: string): unknown;
  /** Known at once; written by and by. What JSON cannot say is not kept. */
  put(key: string, value: unknown): void;
}

/** A facts file in use. */
export interface OpenFactsFile extends FactsFile {
  /** Writes what was put, and makes the file smaller where that is worth it. Throws nothing. */
  close(): Promise<void>;
}

/** What a facts file is kept in. */
export interface FactsStore {
  /** Null: nothing is kept beyond the run. */
  readonly path: string | null;
  readonly mostBytes: number;
  /** Told of what did not work; the facts of this run are known all the same. */
  readonly onFault: (fault: unknown) => void;
}

/** Lines are written when there are this many bytes of them: a run may be ended at any time. */
const bufferedBytes = 16 * 1024;

/** Fewer dead lines than this are not worth a new file. */
const fewDeadLines = 256;

/** Reads a facts file, if it is there. */
export async function openFactsFile(store: FactsStore): Promise<OpenFactsFile> {
  const { path, mostBytes, onFault } = store;
  const { known, lines, bytes } = await readKnown(store);
  const written = { lines, bytes };
  let buffered: string[] = [];
  let length = 0;
  let writing: Promise<void> = Promise.resolve();
  const flush = (): void => {
    const text = buffered.join('');
    buffered = [];
    length = 0;
    if (path === null || text === '') return;
    writing = writing.then(() => appendLines(path, text)).catch(onFault);
  };
  return {
    get: (key) => known.get(key),
    put(key, value) {
      const line = lineOf(key, value);
      if (line === null || line === lineOf(key, known.get(key))) return;
      // As another run will find it.
      for (const fact of factsIn(Buffer.from(line))) known.set(key, fact.value);
      buffered.push(line);
      length += line.length;
      written.lines += 1;
      written.bytes += line.length;
      if (length >= bufferedBytes) flush();
    },
    async close() {
      flush();
      await writing;
      const dead = written.lines - known.size;
      const isWorthIt = dead > Math.max(fewDeadLines, known.size) || written.bytes > mostBytes;
      // Smaller than it may be, so that the next few facts do not make it too large again.
      if (path !== null && isWorthIt) await compact(path, mostBytes * 0.75).catch(onFault);
    },
  };
}

interface Known {
  readonly known: Map<string, unknown>;
  readonly lines: number;
  readonly bytes: number;
}

/** Of a file that is too large the newest part. */
async function readKnown({ path, mostBytes, onFault }: FactsStore): Promise<Known> {
  const known = new Map<string, unknown>();
  let lines = 0;
  let bytes = 0;
  if (path === null) return { known, lines, bytes };
  try {
    const handle = await openPrivate(path, 'read');
    try {
      bytes = (await handle.stat()).size;
      for (const { key, value } of factsIn(
        await readFrom(handle, Math.max(0, bytes - mostBytes)),
      )) {
        known.set(key, value);
        lines += 1;
      }
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!isAbsent(error)) onFault(error);
  }
  return { known, lines, bytes };
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
