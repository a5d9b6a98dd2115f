import { clipMessage } from './clip.ts';
import type { Side } from './kinds.ts';

/**
 * What sort of fault a code names. `content` is a fact about a copy (drift, no retry helps);
 * every other class leaves a copy without a verdict (SPEC §2).
 */
export type FaultClass = 'content' | 'absent' | 'access' | 'configuration' | 'usage' | 'internal';

/** Every error code and its class. The code is part of the JSON contract: never rename one. */
export const errorCodes = {
  // The call
  USAGE: 'usage',
  NOT_SUPPORTED: 'usage',
  OUTPUT_NOT_WRITABLE: 'usage',
  // The contract
  CONTRACT_NOT_FOUND: 'configuration',
  CONTRACT_UNREADABLE: 'configuration',
  CONTRACT_INVALID: 'configuration',
  CONTRACT_UNTRUSTED: 'configuration',
  CONTRACT_MISMATCH: 'configuration',
  CONTRACT_COLUMNS: 'configuration',
  VARIABLE_UNSET: 'configuration',
  UNKNOWN_ARTIFACT: 'configuration',
  NOT_REVIEWED: 'absent',
  LOCATION_INVALID: 'configuration',
  // git
  GIT_NOT_INSTALLED: 'configuration',
  GIT_NOT_A_REPOSITORY: 'configuration',
  GIT_DUBIOUS_OWNERSHIP: 'configuration',
  GIT_BAD_REF: 'configuration',
  GIT_UNTRUSTED: 'configuration',
  GIT_UNKNOWN_REF: 'configuration',
  GIT_AMBIGUOUS_REF: 'configuration',
  GIT_NO_MERGE_BASE: 'configuration',
  GIT_HISTORY_CUT_OFF: 'configuration',
  GIT_PATH_NOT_FOUND: 'absent',
  GIT_NOT_A_FILE: 'configuration',
  GIT_SUBMODULE_BEHIND: 'configuration',
  GIT_ENCRYPTED: 'configuration',
  GIT_LFS_UNAVAILABLE: 'configuration',
  GIT_FETCH_FAILED: 'access',
  GIT_FETCH_TIMEOUT: 'access',
  NEEDS_FETCH: 'configuration',
  GIT_FAILED: 'access',
  // Stores
  STORE_NO_CREDENTIALS: 'configuration',
  STORE_NO_REGION: 'configuration',
  STORE_WRONG_REGION: 'configuration',
  STORE_CREDENTIALS_REFUSED: 'configuration',
  STORE_ACCESS_DENIED: 'access',
  STORE_NO_SUCH_BUCKET: 'configuration',
  STORE_NO_SUCH_KEY: 'absent',
  STORE_NO_SUCH_VERSION: 'configuration',
  STORE_ARCHIVED: 'access',
  STORE_CHECKSUM_MISMATCH: 'access',
  STORE_INCOMPLETE_BODY: 'access',
  STORE_TIMEOUT: 'access',
  STORE_UNREACHABLE: 'access',
  STORE_FOREIGN_ANSWER: 'access',
  STORE_FAILED: 'access',
  // Files
  FILE_NOT_FOUND: 'absent',
  FILE_NOT_A_FILE: 'configuration',
  FILE_NOT_READABLE: 'access',
  // Folders
  PARTS_NOT_FOUND: 'absent',
  COPY_INCOMPLETE: 'access',
  // Bundles
  BUNDLE_NOT_FOUND: 'absent',
  BUNDLE_INVALID: 'configuration',
  BUNDLE_DAMAGED: 'access',
  BUNDLE_LOCKED: 'access',
  BUNDLE_CONTRACT_DIFFERS: 'configuration',
  BUNDLE_CHANGED: 'access',
  BUNDLE_BEHIND: 'access',
  BUNDLE_OTHER: 'configuration',
  // Engines
  ENGINE_NOT_INSTALLED: 'configuration',
  ENGINE_UNREACHABLE: 'access',
  ENGINE_NOT_AUTHORIZED: 'access',
  ENGINE_NO_SUCH_TABLE: 'absent',
  ENGINE_NO_SUCH_SNAPSHOT: 'configuration',
  ENGINE_TYPE: 'configuration',
  ENGINE_FAILED: 'access',
  ENGINE_MEMORY: 'configuration',
  // Time and signals
  TIMEOUT: 'access',
  INTERRUPTED: 'access',
  // Handing over
  PRIVATE_FILE_FAILED: 'access',
  SCOPE_EMPTY: 'configuration',
  // Any copy
  COPY_CHANGED: 'access',
  COPY_KEEPS_CHANGING: 'access',
  // Publishing
  CONDITIONS_NOT_HONOURED: 'configuration',
  WRITTEN_MEANWHILE: 'access',
  NOT_VERIFIED: 'access',
  CLAIM_UNKNOWN: 'configuration',
  REPORT_UNREADABLE: 'usage',
  PLAN_UNREADABLE: 'usage',
  PLAN_TAMPERED: 'configuration',
  PLAN_CONTRACT_CHANGED: 'configuration',
  PLAN_COMMIT_GONE: 'configuration',
  PLAN_OTHER_REF: 'configuration',
  PLAN_STATE_CHANGED: 'configuration',
  // Content
  NO_HEADER: 'content',
  COLUMN_MISSING: 'content',
  COLUMN_DOUBLED: 'content',
  COLUMNS_DIFFER: 'content',
  CSV_UNCLOSED_QUOTE: 'content',
  CSV_TEXT_AFTER_QUOTE: 'content',
  CSV_STRAY_QUOTE: 'content',
  INVALID_UTF8: 'content',
  NUL_BYTE: 'content',
  INVALID_ENCODING: 'content',
  COMPRESSION_INVALID: 'content',
  CONTENT_OF_ANOTHER_KIND: 'content',
  JSON_INVALID: 'content',
  YAML_INVALID: 'content',
  PARQUET_INVALID: 'content',
  NOT_RECORDS: 'content',
  MEMBER_DOUBLED: 'content',
  UNSUPPORTED_TYPE: 'content',
  // What a limit stops: no verdict
  TOO_LARGE: 'configuration',
  // keydrift itself
  INTERNAL: 'internal',
} as const;
export type ErrorCode = keyof typeof errorCodes;

/** Where in a copy or a file an error stands. `line` is 1-based, `byte` a 0-based offset. */
export interface ErrorPlace {
  readonly side?: Side;
  readonly record?: number;
  readonly line?: number;
  readonly byte?: number;
  readonly store?: StorePlace;
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

/** Faults of access that the same call meets again: somebody has to change something first. */
const lasting: ReadonlySet<ErrorCode> = new Set([
  'STORE_ACCESS_DENIED',
  'STORE_ARCHIVED',
  'ENGINE_NOT_AUTHORIZED',
]);

/** Whether the same call may have a verdict later, with nothing changed by anybody here. */
export function isRetryable(code: ErrorCode): boolean {
  const kind = errorCodes[code];
  return (kind === 'access' || kind === 'internal') && !lasting.has(code);
}

/** What Node says where a buffer, a map or a text cannot be as large as it has to be. */
const outOfMemory =
  /^(?:Array buffer allocation failed|Invalid (?:typed )?array (?:buffer )?length|Invalid string length|Map maximum size|Set maximum size|Cannot create a string|WebAssembly)/;

const giveMore =
  'Give it more (NODE_OPTIONS=--max-old-space-size=…, ulimit -v, the limit of the container), or list fewer findings: --max-findings 1000';

/** WebAssembly reserves about 10 GB of addresses for each memory, whatever it uses of them. */
const addressSpace =
  'Under a limit of the address space (ulimit -v) WebAssembly cannot reserve what it wants: set NODE_OPTIONS=--disable-wasm-trap-handler, or lift the limit.';

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
