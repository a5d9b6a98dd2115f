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
   * it is small. What is asked for while others wait is sent at once: git answers in order, and no
   * answer waits for a reader of bytes, so a reader that pauses blocks nobody.
   */
  read(name: string): Promise<GitObject>;
  /** As `read`; of an object above `most` bytes only what it is, which ends the process. */
  peek(name: string, most: number): Promise<PeekedObject>;
  close(): Promise<void>;
}

/** Who asked, and for what. */
interface Question {
  readonly name: string;
  readonly most: number;
  readonly answer: (object: PeekedObject) => void;
  readonly fail: (error: KeydriftError) => void;
}

/** Opens the batch process of a repository, lazily. */
export function openBatch(place: GitPlace): Batch {
  let child: GitChild | null = null;
  let closed = false;
  /** Sent to the process and not answered, in their order. */
  let waiting: Question[] = [];
  let unsent = '';
  const send = (question: Question): void => {
    if (child === null) {
      child = started();
      child.hold();
    } else if (waiting.length === 0) child.hold();
    waiting.push(question);
    // What is asked for in one turn is one write.
    if (unsent === '') queueMicrotask(flush);
    unsent += `${question.name}\n`;
  };
  const flush = (): void => {
    child?.stdin.write(unsent);
    unsent = '';
  };
  const settle = (): Question => {
    const question = waiting.shift()!;
    if (waiting.length === 0) child?.release();
    return question;
  };
  const started = (): GitChild => {
    const fresh = startGit(place, ['cat-file', '--batch']);
    let tooLarge: (() => void) | null = null;
    receive(fresh, {
      most: () => waiting[0]?.most ?? 0,
      missing() {
        const { name, fail } = settle();
        fail(missingObject(place, name, 'git does not find it'));
      },
      object(found) {
        const { answer } = settle();
        if (found.bytes !== null) return answer(found);
        // What comes now is not wanted: whoever waits behind it asks another process.
        tooLarge = () => answer(found);
        fresh.hold();
        fresh.kill();
      },
    });
    const resume = async (): Promise<void> => {
      const exit = await fresh.exit;
      child = null;
      unsent = '';
      const left = waiting;
      waiting = [];
      if (tooLarge !== null) tooLarge();
      else {
        const first = left.shift();
        first?.fail(unreadableObject(place, first.name, exit));
      }
      for (const question of left) {
        if (closed) question.fail(unreadableObject(place, question.name, exit));
        else send(question);
      }
    };
    void resume();
    return fresh;
  };
  const peek = (name: string, most: number): Promise<PeekedObject> =>
    new Promise((answer, fail) => {
      if (closed) fail(missingObject(place, name, 'the source is closed'));
      else send({ name, most, answer, fail });
    });
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

/** Is told the answers of a process, in their order. */
interface Answers {
  /** Bytes that the next answer may have; one with more comes without, and is the last. */
  readonly most: () => number;
  readonly missing: () => void;
  readonly object: (found: PeekedObject) => void;
}

const nothing = Buffer.alloc(0);

/** Cuts what a process says into answers. */
function receive({ stdout }: GitChild, answers: Answers): void {
  let head: Buffer = nothing;
  let object: (Omit<PeekedObject, 'bytes'> & { readonly bytes: Uint8Array }) | null = null;
  let filled = 0;
  /** The next answer, as far as it came; gives how many bytes were taken. */
  const take = (part: Buffer): number => {
    if (object === null) {
      const lineEnd = part.indexOf(0x0a);
      const line = lineEnd < 0 ? part : part.subarray(0, lineEnd);
      head = head.length === 0 ? line : Buffer.concat([head, line]);
      if (lineEnd < 0) {
        // A part may be used again once it was told.
        head = Buffer.from(head);
        return part.length;
      }
      const header = headerOf(head.toString('latin1'));
      head = nothing;
      if (header === null) answers.missing();
      else if (header.size > answers.most()) {
        stdout.off('data', onData);
        answers.object({ ...header, bytes: null });
        return part.length;
      } else {
        const { id, type, size } = header;
        object = { id, type, size, bytes: new Uint8Array(size) };
        filled = 0;
      }
      return lineEnd + 1;
    }
    const { size, bytes } = object;
    bytes.set(part.subarray(0, size - filled), Math.min(filled, size));
    // A line end comes after the object.
    const taken = Math.min(part.length, size + 1 - filled);
    filled += taken;
    if (filled <= size) return taken;
    const whole = object;
    object = null;
    answers.object(whole);
    return taken;
  };
  const onData = (part: Buffer): void => {
    for (let at = 0; at < part.length;) at += take(part.subarray(at));
  };
  stdout.on('data', onData);
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
    {
      hint: {
        text: 'A fresh clone has it whole. See what is wrong',
        command: `git -C ${at} fsck`,
      },
    },
  );
}
