import { KeydriftError, shellQuote } from '../../model/index.ts';
import { gitFailure, saidBy } from './failure.ts';
import { runGit, startGit, type GitChild, type GitExit, type GitPlace } from './process.ts';

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

/** One `git cat-file` process that answers as it is asked: started when first needed, ended by `close`. */
export interface Batch {
  /**
   * A whole object by its name, as git knows names (no line end in it); the caller sees to it that
   * it is small. What is asked for while others wait is sent at once: git answers in order, and no
   * answer waits for a reader of bytes, so a reader that pauses blocks nobody.
   */
  read(name: string): Promise<GitObject>;
  /** As `read`; of an object above `most` bytes only what it is, which ends the process. */
  peek(name: string, most: number): Promise<PeekedObject>;
  /**
   * Sizes of objects, by how git is asked for them (an id, or `COMMIT:PATH`); what is not there is
   * left out. Throws `GIT_FAILED`; before git 2.44 also for what a partial clone lacks.
   */
  sizes(names: Iterable<string>): Promise<ReadonlyMap<string, number>>;
  close(): Promise<void>;
}

/** What is known of an object, or how the process ended by the question; null: it is missing. */
type Told = PeekedObject | { readonly exit: GitExit | null };

/** Who asked, and for what. */
interface Question {
  readonly name: string;
  readonly most: number;
  /** Where the size alone is asked for: those that are asked about with it. */
  readonly group?: object;
  readonly tell: (told: Told) => void;
}

/** Older than git 2.36 it takes names alone, and all that it gives is contents. */
type Mode = '--batch-command' | '--batch';

/** Opens the batch process of a repository, lazily. */
export function openBatch(place: GitPlace): Batch {
  let child: GitChild | null = null;
  let mode: Mode = '--batch-command';
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
    const command = question.group === undefined ? 'contents ' : 'info ';
    unsent += `${mode === '--batch' ? '' : command}${question.name}\n`;
  };
  const flush = (): void => {
    child?.stdin.write(unsent);
    unsent = '';
  };
  const settle = (told: Told): void => {
    const { tell } = waiting.shift()!;
    if (waiting.length === 0) child?.release();
    tell(told);
  };
  const started = (): GitChild => {
    const fresh = startGit(place, ['cat-file', mode]);
    let answered = false;
    let tooLarge: (() => void) | null = null;
    receive(fresh, {
      next: () => waiting[0],
      tell(told) {
        answered = true;
        settle(told);
      },
      tooLarge(found) {
        answered = true;
        // What comes now is not wanted: whoever waits behind it asks another process.
        const { tell } = waiting.shift()!;
        tooLarge = () => tell(found);
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
      // It does not know the option.
      const isOld = mode === '--batch-command' && exit.code === 129 && !answered;
      if (isOld) mode = '--batch';
      const first = isOld || tooLarge !== null ? undefined : left.shift();
      first?.tell({ exit });
      tooLarge?.();
      for (const question of left) {
        const { group, tell } = question;
        const isTold = group !== undefined && (isOld || group === first?.group);
        if (closed || isTold) tell({ exit });
        else send(question);
      }
    };
    void resume();
    return fresh;
  };
  const ask = (question: Omit<Question, 'tell'>): Promise<Told> =>
    new Promise((tell) => send({ ...question, tell }));
  const requireOpen = (name: string): void => {
    if (closed) throw missingObject(place, name, 'the source is closed');
  };
  const peek = async (name: string, most: number): Promise<PeekedObject> => {
    requireOpen(name);
    const told = await ask({ name, most });
    if (!('exit' in told)) return told;
    if (told.exit === null) throw missingObject(place, name, 'git does not find it');
    throw unreadableObject(place, name, told.exit);
  };
  return {
    peek,
    async read(name) {
      const { id, type, bytes } = await peek(name, Infinity);
      return { id, type, bytes: bytes! };
    },
    async sizes(names) {
      const asked = [...names];
      const [first] = asked;
      if (first === undefined) return new Map();
      requireOpen(first);
      const group = {};
      const told =
        mode === '--batch'
          ? []
          : await Promise.all(asked.map((name) => ask({ name, most: 0, group })));
      // It may have turned out just now.
      if (mode === '--batch') return sizesApart(place, asked);
      const sizes = new Map<string, number>();
      for (const [at, one] of told.entries()) {
        if (!('exit' in one)) sizes.set(asked[at]!, one.size);
        else if (one.exit !== null) throw gitFailure(place, one.exit, lookingForSizes);
      }
      return sizes;
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

const lookingForSizes = 'looking for the sizes of objects';

/** Sizes of objects, by a process of their own. */
async function sizesApart(
  place: GitPlace,
  asked: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const listed = await runGit(place, ['cat-file', '--batch-check'], `${asked.join('\n')}\n`);
  if (listed.code !== 0) throw gitFailure(place, listed, lookingForSizes);
  // One line for each question, in their order.
  const answers = listed.stdout.toString('latin1').split('\n');
  return new Map(
    asked.flatMap((name, at) => {
      const found = headerOf(answers[at] ?? '');
      return found === null ? [] : [[name, found.size] as const];
    }),
  );
}

/** Is told the answers of a process, in their order. */
interface Answers {
  /** Whose answer comes next. */
  readonly next: () => Question | undefined;
  readonly tell: (told: Told) => void;
  /** An object with more bytes than are wanted, which is the last. */
  readonly tooLarge: (found: PeekedObject) => void;
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
      const { most = 0, group } = answers.next() ?? {};
      if (header === null) answers.tell({ exit: null });
      else if (group !== undefined) answers.tell({ ...header, bytes: null });
      else if (header.size > most) {
        stdout.off('data', onData);
        answers.tooLarge({ ...header, bytes: null });
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
    answers.tell(whole);
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
