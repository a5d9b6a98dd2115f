import { KeydriftError, shellQuote } from '../../model/index.ts';
import { gitFailure, saidBy } from './failure.ts';
import { startGit, type GitChild, type GitExit, type GitPlace } from './process.ts';

/** An object of a repository, as it is stored. */
export interface GitObject {
  readonly id: string;
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** As much of an object as was asked for: one that is too large comes without its bytes. */
export interface PeekedObject extends Omit<GitObject, 'bytes'> {
  readonly size: number;
  readonly bytes: Uint8Array | null;
}

/** One `git cat-file --batch` process: started when first needed, ended by `close`. */
export interface Batch {
  /**
   * A whole object by its name, as git knows names (no line end in it); the caller sees to it that
   * it is small. Requests wait for one another but never for a reader of bytes, so a reader that
   * pauses blocks nobody.
   */
  read(name: string): Promise<GitObject>;
  /** As `read`; of an object above `most` bytes only what it is, which ends the process. */
  peek(name: string, most: number): Promise<PeekedObject>;
  close(): Promise<void>;
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
  const request = async (name: string, most: number): Promise<PeekedObject> => {
    if (closed) throw missingObject(place, name, 'the source is closed');
    child ??= started();
    const current = child;
    current.hold();
    try {
      const found = await new Promise<PeekedObject | null>((resolve, reject) => {
        onExit = (exit) => reject(unreadableObject(place, name, exit));
        receive(current, most, resolve);
        current.stdin.write(`${name}\n`);
      });
      onExit = null;
      if (found === null) throw missingObject(place, name, 'git does not find it');
      if (found.bytes === null) {
        current.kill();
        await current.exit;
      }
      return found;
    } finally {
      current.release();
      onExit = null;
    }
  };
  const peek = (name: string, most: number): Promise<PeekedObject> => {
    const answer = tail.then(() => request(name, most));
    tail = answer.then(
      () => undefined,
      () => undefined,
    );
    return answer;
  };
  return {
    peek,
    async read(name) {
      const { id, type, bytes } = await peek(name, Infinity);
      return { id, type, bytes: bytes! };
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
function receive(
  child: GitChild,
  most: number,
  deliver: (object: PeekedObject | null) => void,
): void {
  let head = Buffer.alloc(0);
  let object: (Omit<PeekedObject, 'bytes'> & { readonly bytes: Uint8Array }) | null = null;
  let filled = 0;
  const end = (found: PeekedObject | null): void => {
    child.stdout.off('data', onData);
    deliver(found);
  };
  const onData = (part: Buffer): void => {
    let bytes = part;
    if (object === null) {
      head = Buffer.concat([head, part]);
      const lineEnd = head.indexOf(0x0a);
      if (lineEnd < 0) return;
      const header = headerOf(head.toString('latin1', 0, lineEnd));
      if (header === null || header.size > most) {
        end(header === null ? null : { ...header, bytes: null });
        return;
      }
      object = { ...header, bytes: new Uint8Array(header.size) };
      bytes = head.subarray(lineEnd + 1);
    }
    object.bytes.set(bytes.subarray(0, object.size - filled), filled);
    filled += bytes.length;
    // A line end comes after the object.
    if (filled > object.size) end(object);
  };
  child.stdout.on('data', onData);
}

/** `<id> <type> <size>`; null for `<name> missing` and `<name> ambiguous`. */
function headerOf(line: string): Omit<PeekedObject, 'bytes'> | null {
  const [, id, type, size] = /^([0-9a-f]{40,64}) (\w+) (\d+)$/.exec(line) ?? [];
  if (id === undefined || type === undefined || size === undefined) return null;
  return { id, type, size: Number(size) };
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
  const at = shellQuote(place.directory);
  return new KeydriftError(
    'GIT_FAILED',
    `${place.name}: object ${id} is missing or damaged (${said})`,
    { hint: `See what is wrong: git -C ${at} fsck. A fresh clone has it whole.` },
  );
}
