import { KeydriftError } from '../../model/index.ts';
import { gitFailure, saidBy, shellWord } from './failure.ts';
import { startGit, type GitChild, type GitExit, type GitPlace } from './process.ts';

/** An object of a repository, as it is stored. */
export interface GitObject {
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** One `git cat-file --batch` process: started when first needed, ended by `close`. */
export interface Batch {
  /**
   * A whole object; the caller sees to it that it is small. Requests wait for one another but
   * never for a reader of bytes, so a reader that pauses blocks nobody.
   */
  read(id: string): Promise<GitObject>;
  close(): Promise<void>;
}

interface Header {
  readonly type: string;
  /** Bytes of the answer: header line, object, line end. */
  readonly start: number;
  readonly size: number;
}

/** Opens the batch process of a repository, lazily. */
export function openBatch(place: GitPlace): Batch {
  let child: GitChild | null = null;
  let closed = false;
  let tail: Promise<void> = Promise.resolve();
  let onExit: ((exit: GitExit) => void) | null = null;
  const started = (): GitChild => {
    const fresh = startGit(place, ['cat-file', '--batch']);
    // One listener for all requests: theirs would pile up, with their bytes, until the end.
    void fresh.exit.then((exit) => {
      if (child === fresh) child = null;
      return onExit?.(exit);
    });
    return fresh;
  };
  const request = async (id: string): Promise<GitObject> => {
    if (closed) throw missingObject(place, id, 'the source is closed');
    child ??= started();
    const current = child;
    current.hold();
    try {
      return await new Promise((resolve, reject) => {
        onExit = (exit) => reject(unreadableObject(place, id, exit));
        receive(current, (object) =>
          object === null
            ? reject(missingObject(place, id, 'git does not find it'))
            : resolve(object),
        );
        current.stdin.write(`${id}\n`);
      });
    } finally {
      current.release();
      onExit = null;
    }
  };
  return {
    read(id) {
      const answer = tail.then(() => request(id));
      tail = answer.then(
        () => undefined,
        () => undefined,
      );
      return answer;
    },
    async close() {
      closed = true;
      const current = child;
      if (current === null) return;
      current.hold();
      current.kill();
      await current.exit;
    },
  };
}

/** Hands on the next answer of the process, null for an object that is missing. */
function receive(child: GitChild, deliver: (object: GitObject | null) => void): void {
  const parts: Buffer[] = [];
  let length = 0;
  let header: Header | null = null;
  const onData = (part: Buffer): void => {
    parts.push(part);
    length += part.length;
    header ??= headerOf(Buffer.concat(parts));
    if (header === null || length < header.start + header.size + 1) return;
    child.stdout.off('data', onData);
    deliver(header.type === 'missing' ? null : { type: header.type, bytes: bodyOf(parts, header) });
  };
  child.stdout.on('data', onData);
}

/** `<id> <type> <size>`, or `<id> missing`; null until the line is complete. */
function headerOf(bytes: Buffer): Header | null {
  const end = bytes.indexOf(0x0a);
  if (end < 0) return null;
  const [, type, size] = bytes.toString('latin1', 0, end).split(' ');
  // Without an object there is no line end after it: the header's own counts.
  if (type === undefined || size === undefined) return { type: 'missing', start: end, size: 0 };
  return { type, start: end + 1, size: Number(size) };
}

/** A copy of the object that shares its memory with nothing else. */
function bodyOf(parts: readonly Buffer[], header: Header): Uint8Array {
  const all = Buffer.concat(parts);
  return new Uint8Array(all.subarray(header.start, header.start + header.size));
}

/** The error for an object that cannot be read, by what git said at its end. */
export function unreadableObject(place: GitPlace, id: string, exit: GitExit): KeydriftError {
  const said = exit.stderr;
  if (exit.startError !== null || said.includes('promisor remote') || said.includes('dubious')) {
    return gitFailure(place, exit, `reading object ${id.slice(0, 12)}`);
  }
  return missingObject(place, id, saidBy(exit));
}

/** The error for an object that is not there, or is damaged. */
export function missingObject(place: GitPlace, id: string, said: string): KeydriftError {
  const at = shellWord(place.directory);
  return new KeydriftError(
    'GIT_FAILED',
    `${place.name}: object ${id} is missing or damaged (${said})`,
    { hint: `See what is wrong: git -C ${at} fsck. A fresh clone has it whole.` },
  );
}
