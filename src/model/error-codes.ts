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
  // What the system refuses for want of it
  SYSTEM_LIMIT: 'access',
  // keydrift itself
  INTERNAL: 'internal',
} as const;
export type ErrorCode = keyof typeof errorCodes;

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
