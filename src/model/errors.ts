import { errorCodes, type ErrorCode, type FaultClass } from './error-codes.ts';
import type { Side } from './kinds.ts';
import { clipMessage } from './wording.ts';

/** Where in a copy or a file an error stands. `line` is 1-based, `byte` a 0-based offset. */
export interface ErrorPlace {
  readonly side?: Side;
  readonly record?: number;
  readonly line?: number;
  readonly byte?: number;
  readonly store?: StorePlace;
  /** What git sees a path called since that is not there, from its repository's root. */
  readonly renamedTo?: string;
  /** Where the contract names what a change took away. */
  readonly contract?: ContractPlace;
}

/** A line of a contract's file, which is told from the root of its repository; 1-based. */
export interface ContractPlace {
  readonly file: string;
  readonly line: number;
}

/** What a store itself says of a fault, for its support and for machines. */
export interface StorePlace {
  readonly bucket?: string;
  /** The endpoint that gave no answer at all. */
  readonly endpoint?: string;
  /** Of HTTP. */
  readonly status?: number;
  /** S3's own code; of what got no answer, Node's. */
  readonly code?: string;
  readonly requestId?: string;
}

/** What to do about an error: a sentence, and the command that ends it, whole and to be copied. */
export interface Hint {
  readonly text: string;
  readonly command: string;
}

/** A hint, with or without a command to copy. */
export type HintText = string | Hint;

/** The hint of an error that was told, as another error takes it. */
export function hintOf(
  error: Pick<KeydriftError, 'hint'> & { readonly command?: string | null },
): HintText | null {
  const { hint, command = null } = error;
  if (hint === null || command === null) return hint;
  return { text: hint.slice(0, -`: ${command}`.length), command };
}

/** One problem of several that one error reports, such as those of a contract. */
export interface Problem {
  /** 1-based line in the file, or null where there is none. */
  readonly line: number | null;
  /** Path inside the file, `artifacts.participants.key[0]`. */
  readonly path: string;
  readonly message: string;
  readonly hint: string | null;
}

function clipProblem(problem: Problem): Problem {
  const { path, message, hint } = problem;
  return {
    ...problem,
    path: clipMessage(path),
    message: clipMessage(message),
    hint: hint === null ? null : clipMessage(hint),
  };
}

/** The one error class: a code of the closed union, a message that names the place, a hint. */
export class KeydriftError extends Error {
  override readonly name = 'KeydriftError';
  readonly code: ErrorCode;
  /** What to do about it, the command included; or null. */
  readonly hint: string | null;
  /** The command that ends the hint; null: it ends with none. */
  readonly command: string | null;
  readonly place: ErrorPlace;
  readonly problems: readonly Problem[];

  constructor(
    code: ErrorCode,
    message: string,
    details: {
      hint?: HintText | null;
      cause?: unknown;
      place?: ErrorPlace;
      problems?: readonly Problem[];
    } = {},
  ) {
    super(clipMessage(message), details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    const { hint = null } = details;
    const whole =
      hint === null || typeof hint === 'string' ? hint : `${hint.text}: ${hint.command}`;
    this.hint = whole === null ? null : clipMessage(whole);
    // What was cut is no command to copy.
    this.command = typeof hint === 'object' && this.hint === whole ? (hint?.command ?? null) : null;
    this.place = details.place ?? {};
    this.problems = (details.problems ?? []).map(clipProblem);
  }
}

/** A fault told anew, of another place or in other words: what is not said anew stays as it was. */
export function retold(
  error: KeydriftError,
  anew: {
    readonly code?: ErrorCode;
    readonly message?: string;
    readonly hint?: HintText;
    readonly place?: ErrorPlace;
    readonly cause?: unknown;
  },
): KeydriftError {
  const { code = error.code, message = error.message, ...details } = anew;
  const { cause, place, problems } = error;
  return new KeydriftError(code, message, {
    hint: hintOf(error),
    cause,
    place,
    problems,
    ...details,
  });
}

/** The class of an error's code. */
export function faultClass(error: KeydriftError): FaultClass {
  return errorCodes[error.code];
}

/** What Node says where a buffer, a map or a text cannot be as large as it has to be. */
const outOfMemory =
  /^(?:Array buffer allocation failed|Invalid (?:typed )?array (?:buffer )?length|Invalid string length|Map maximum size|Set maximum size|Cannot create a string|WebAssembly)/;

const giveMore =
  'Give it more (NODE_OPTIONS=--max-old-space-size=…, ulimit -v, the limit of the container), or list fewer findings: --max-findings 1000';

/** WebAssembly reserves about 10 GB of addresses for each memory, whatever it uses of them. */
const addressSpace =
  'Under a limit of the address space (ulimit -v) WebAssembly cannot reserve what it wants: set NODE_OPTIONS=--disable-wasm-trap-handler, or lift the limit.';

/** What the system says where a limit of it is reached, and which one. */
const systemLimits: Readonly<Record<string, string>> = {
  EMFILE: 'Raise `ulimit -n`: 64 are enough.',
  ENFILE: 'The whole machine has too many files open.',
  EAGAIN: 'Raise `ulimit -u`, or the number of processes of the container.',
  ENOMEM: 'Give it more memory (ulimit -v, the limit of the container).',
};

/** A member of a value that may be anything. */
export function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/** The error of what the system refused for want of descriptors, processes or memory; null: of something else. */
export function systemLimit(thrown: unknown): KeydriftError | null {
  const code = memberOf(thrown, 'code');
  const hint = typeof code === 'string' ? systemLimits[code] : undefined;
  if (hint === undefined) return null;
  const message = `the system refused what keydrift needs (${String(code)})`;
  return new KeydriftError('SYSTEM_LIMIT', message, { cause: thrown, hint });
}

/** Anything thrown, as a KeydriftError: a stranger is a crash of keydrift itself (`INTERNAL`). */
export function toKeydriftError(thrown: unknown): KeydriftError {
  if (thrown instanceof KeydriftError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (thrown instanceof RangeError && outOfMemory.test(message)) {
    return new KeydriftError(
      'TOO_LARGE',
      `there is too little memory for what is read: ${message}`,
      {
        cause: thrown,
        hint: message.startsWith('WebAssembly') ? addressSpace : giveMore,
      },
    );
  }
  const limit = systemLimit(thrown);
  if (limit !== null) return limit;
  return new KeydriftError('INTERNAL', `keydrift failed: ${message}`, {
    cause: thrown,
    hint: 'This is a defect of keydrift, not of your data. Set KEYDRIFT_DEBUG=1 to see where it failed.',
  });
}

/** The error of what lies elsewhere, where nothing may be asked of the network. */
export function needsFetch(location: string): KeydriftError {
  return new KeydriftError('NEEDS_FETCH', `${location} is not here, and nothing is fetched`, {
    hint: 'Add --fetch to read it.',
  });
}
