import type { ErrorCode } from './error-codes.ts';
import type { RefusalCode } from './publication.ts';

/** What a code means, and what to do about it: of `keydrift help CODE` and docs/errors.md. */
export interface CodeWords {
  /** What was found. */
  readonly cause: string;
  /** What whoever sees it does next. */
  readonly cure: string;
}

/** Every error code in words. */
export const errorWords: Readonly<Record<ErrorCode, CodeWords>> = {
  USAGE: {
    cause: 'The command line is not one that keydrift knows.',
    cure: 'The message names the word; `keydrift COMMAND --help` lists what there is.',
  },
  NOT_SUPPORTED: {
    cause: 'What was asked for is no part of this version, or cannot go together.',
    cure: 'Leave it out, or use a newer keydrift.',
  },
  OUTPUT_NOT_WRITABLE: {
    cause:
      'A file of `-o` or a bundle could not be written. The report on stdout was given all the same.',
    cure: 'Make the directory, make room, or name another file.',
  },
  REPORT_UNREADABLE: {
    cause: 'A saved report cannot be read, or is none.',
    cure: 'Name one that `-o json:FILE` wrote.',
  },
  CONTRACT_NOT_FOUND: {
    cause: 'There is no `keydrift.yaml` here or above, or not where `--config` says.',
    cure: 'Change the directory, name it with `--config FILE`, or begin one: `keydrift init FILE`.',
  },
  CONTRACT_UNREADABLE: {
    cause: 'The contract is too large, no UTF-8 text, or not readable.',
    cure: 'Save it as UTF-8, and look at its permissions.',
  },
  CONTRACT_INVALID: {
    cause: 'The contract breaks a rule. All problems are listed, each with file, line and path.',
    cure: 'Mend what is listed; editors complete from `schema/keydrift.contract.schema.json`.',
  },
  CONTRACT_UNTRUSTED: {
    cause:
      'A contract above the working directory belongs to another user, or others may write it.',
    cure: 'Name it with `--config`, if it is meant.',
  },
  CONTRACT_MISMATCH: {
    cause: 'The contract is not the one that `--config-sha256` pins.',
    cure: 'Restore it, or pin the new one after a review.',
  },
  CONTRACT_COLUMNS: {
    cause: 'The reviewed copy has no column that the contract (or `--key`, `--consumes`) names.',
    cure: 'Correct the name in the contract, or the reviewed file: the runtime copy is not at fault.',
  },
  VARIABLE_UNSET: {
    cause: 'A `${NAME}` of the contract has no value.',
    cure: 'Add `--var NAME=value`, `--var NAME` (from the environment), or set `KEYDRIFT_VAR_NAME`.',
  },
  UNKNOWN_ARTIFACT: {
    cause: 'The contract, or the bundle, has no artifact or copy of that name.',
    cure: 'The nearest names are told; `keydrift lint` lists all.',
  },
  NOT_REVIEWED: {
    cause: 'An object under the prefix of a glob has no reviewed file.',
    cure: 'Review it, remove it, or let `ignore` name it.',
  },
  LOCATION_INVALID: {
    cause: 'A location is none of the known forms, or cannot be used for this.',
    cure: 'A path, `git:REF:PATH`, `s3://bucket/key`, `file:PATH` (which takes a colon in a name).',
  },
  GIT_NOT_INSTALLED: {
    cause: '`git` cannot be found or started.',
    cure: 'Install git, or add it to `PATH`; a bundle needs none (`--against bundle:DIR`).',
  },
  GIT_NOT_A_REPOSITORY: {
    cause: 'The reviewed path is in no repository, or in one without a working tree.',
    cure: 'Run it in the clone, or name it: `{repo: DIR, path: PATH}`.',
  },
  GIT_DUBIOUS_OWNERSHIP: {
    cause: 'Git refuses a repository of another user, as in a container with a mounted checkout.',
    cure: 'If you trust it: `git config --global --add safe.directory DIR`.',
  },
  GIT_BAD_REF: {
    cause: 'A ref is not the name of one commit.',
    cure: 'Name a branch, a tag, a commit id, or something like `HEAD~1`.',
  },
  GIT_UNTRUSTED: {
    cause:
      'A repository stands where a commit could have put it: a bare one in the working tree, or one that is neither the contract’s nor its submodule.',
    cure: 'Name it in the contract (`repo: DIR`), or clone it to a place of its own.',
  },
  GIT_UNKNOWN_REF: {
    cause: 'The repository has no such branch, tag or commit.',
    cure: 'Name one that it has (`git branch --all`, `git tag`); of one that only the remote has: `git fetch`, and `fetch-depth: 0` in a CI checkout.',
  },
  GIT_AMBIGUOUS_REF: {
    cause: 'The name is both a branch and a tag.',
    cure: 'Write `refs/heads/NAME` or `refs/tags/NAME`.',
  },
  GIT_NO_MERGE_BASE: {
    cause: 'Base and head have no commit in common at hand.',
    cure: 'Fetch the history: `fetch-depth: 0`, or `git fetch --unshallow`.',
  },
  GIT_HISTORY_CUT_OFF: {
    cause: 'The clone is shallow, and what lies before is needed.',
    cure: '`fetch-depth: 0`, or `git fetch --unshallow`.',
  },
  GIT_PATH_NOT_FOUND: {
    cause: 'The commit has no such file.',
    cure: 'The message says where it was last; correct the path, or restore the file.',
  },
  GIT_NOT_A_FILE: {
    cause: 'The path is a folder, a link or a submodule.',
    cure: 'Name the file itself.',
  },
  GIT_SUBMODULE_BEHIND: {
    cause: 'The commit that the repository pins for a submodule is not at hand. Both are named.',
    cure: '`git submodule update --init`.',
  },
  GIT_ENCRYPTED: {
    cause: 'The commit holds a file that git-crypt encrypted.',
    cure: 'Review an unencrypted file, or compare the decrypted one: `file:PATH`.',
  },
  GIT_LFS_UNAVAILABLE: {
    cause: 'The file is in Git LFS, its object is not here, and neither is the program `git-lfs`.',
    cure: 'Install git-lfs, or `git lfs pull` first.',
  },
  GIT_FETCH_FAILED: {
    cause: 'A remote repository cannot be fetched. An older copy is never used.',
    cure: 'Try `git ls-remote URL` with the same user.',
  },
  GIT_FETCH_TIMEOUT: {
    cause: 'A remote repository went silent.',
    cure: 'Look for a proxy or firewall in between; a retry may help.',
  },
  NEEDS_FETCH: {
    cause: 'The reviewed copy lies elsewhere, and `lint` asks nothing of the network.',
    cure: 'Add `--fetch`.',
  },
  GIT_FAILED: {
    cause: 'Git failed, or an object of the clone is missing or damaged.',
    cure: '`git fsck`; a fresh clone has it whole.',
  },
  STORE_NO_CREDENTIALS: {
    cause: 'No credentials were found for the store, or what provides them failed.',
    cure: 'Log in, set a profile or a role; a public bucket needs `--no-sign-request`.',
  },
  STORE_NO_REGION: {
    cause: 'No region is set.',
    cure: '`--region`, `AWS_REGION`, or `region:` in the contract.',
  },
  STORE_WRONG_REGION: {
    cause: 'The bucket is in another region than was asked.',
    cure: 'Name the region that the message tells.',
  },
  STORE_CREDENTIALS_REFUSED: {
    cause: 'The store does not take these credentials: expired, unknown, or a clock that is wrong.',
    cure: 'Renew them, and look at the clock of this machine.',
  },
  STORE_ACCESS_DENIED: {
    cause:
      'The caller may not do this. Without `s3:ListBucket`, S3 says so of objects that are not there, too.',
    cure: 'Grant what the message names to the role that it names.',
  },
  STORE_NO_SUCH_BUCKET: {
    cause: 'There is no such bucket at this endpoint.',
    cure: 'Look for a typo, the region, or the endpoint.',
  },
  STORE_NO_SUCH_KEY: {
    cause: 'The store itself says that the object is not there: the state `missing`.',
    cure: 'Publish it, or correct the location.',
  },
  STORE_NO_SUCH_VERSION: {
    cause: 'The object has no version of that id.',
    cure: '`keydrift investigate ARTIFACT` lists the versions.',
  },
  STORE_ARCHIVED: {
    cause: 'The object is in an archive class and has to be restored before it can be read.',
    cure: 'Restore it, or publish it anew.',
  },
  STORE_CHECKSUM_MISMATCH: {
    cause: 'The bytes that came are not those whose checksum the store keeps.',
    cure: 'A retry may help. If it stays, something in between or in the store changes them.',
  },
  STORE_INCOMPLETE_BODY: {
    cause: 'The connection broke, again and again, before all bytes had come.',
    cure: 'A retry may help; look at the network in between.',
  },
  STORE_TIMEOUT: {
    cause: 'The store was silent or too slow for the time that a wait has.',
    cure: 'A retry may help.',
  },
  STORE_UNREACHABLE: {
    cause: 'The endpoint refuses connections, has no address, or no TLS that holds.',
    cure: 'Look at endpoint, DNS, proxy (`HTTPS_PROXY`, `NO_PROXY`) and certificates (`AWS_CA_BUNDLE`).',
  },
  STORE_FOREIGN_ANSWER: {
    cause: 'What answers does not speak as S3 does: a proxy, a portal, a wrong port.',
    cure: 'Look at what stands at the endpoint. It is never taken for “missing”.',
  },
  STORE_FAILED: {
    cause: 'The store failed, or asked to slow down, until the time was over.',
    cure: 'A retry may help.',
  },
  FILE_NOT_FOUND: {
    cause: 'There is no such file.',
    cure: 'Look for a typo; relative runtime paths start at the contract.',
  },
  FILE_NOT_A_FILE: {
    cause: 'It is a folder, a pipe, a device, or a link to one.',
    cure: 'Name a regular file.',
  },
  FILE_NOT_READABLE: {
    cause: 'The file or a folder above it cannot be read.',
    cure: 'Look at the permissions: `ls -l`.',
  },
  PARTS_NOT_FOUND: {
    cause: 'No file below the folder is a part.',
    cure: 'Compare `parts` with the names that the message tells.',
  },
  COPY_INCOMPLETE: {
    cause: 'The folder lacks the file that `complete` names: its writer is not done.',
    cure: 'A retry may help, when the writer has ended.',
  },
  ENGINE_NOT_INSTALLED: {
    cause: 'The package or program of an engine is not here.',
    cure: 'Install what the message names.',
  },
  ENGINE_UNREACHABLE: {
    cause: 'The engine does not answer.',
    cure: 'Look at its address and the network; a retry may help.',
  },
  ENGINE_NOT_AUTHORIZED: {
    cause: 'The engine does not let this user do it.',
    cure: 'Grant what the message names.',
  },
  ENGINE_NO_SUCH_TABLE: {
    cause: 'The engine says that there is no such table.',
    cure: 'Look for a typo, the catalog and the schema.',
  },
  ENGINE_NO_SUCH_SNAPSHOT: {
    cause: 'The table has no such snapshot, or no snapshots.',
    cure: 'Name one that it has, or leave `snapshot` out.',
  },
  ENGINE_TYPE: {
    cause: 'A column that counts has a type that the engine cannot give as exact text.',
    cure: 'Cast it in a view, or do not consume it.',
  },
  ENGINE_FAILED: {
    cause: 'A query failed; its id is told.',
    cure: 'Look it up in the engine’s own log; a retry may help.',
  },
  ENGINE_MEMORY: {
    cause: 'A query needs more memory than the engine has.',
    cure: 'Give it more, or narrow what is judged: `--scope`.',
  },
  BUNDLE_NOT_FOUND: {
    cause: 'There is no bundle at that place.',
    cure: 'Look for a typo, or make it: `keydrift bundle --out DIR`.',
  },
  BUNDLE_INVALID: {
    cause: 'The manifest is none, or was changed.',
    cure: 'Make the bundle again.',
  },
  BUNDLE_DAMAGED: {
    cause: 'A file of the bundle is gone or not what was bundled.',
    cure: 'Deploy or make the bundle again.',
  },
  BUNDLE_LOCKED: {
    cause: 'Another process writes the bundle.',
    cure: 'Wait for it; the message says how to remove a lock that nobody holds.',
  },
  BUNDLE_CONTRACT_DIFFERS: {
    cause: 'The local contract and that of the bundle are not the same bytes.',
    cure: 'Make the bundle again, or say with `--config` which one counts.',
  },
  BUNDLE_CHANGED: {
    cause: 'The bundle was replaced while it was read.',
    cure: 'Somebody is deploying. Run it again.',
  },
  BUNDLE_BEHIND: {
    cause: 'The runtime copy claims a newer commit than the bundle’s: the bundle is what is stale.',
    cure: 'Deploy the bundle of that release, or wait until it is.',
  },
  BUNDLE_OTHER: {
    cause: 'The bundle is not the one that `#sha256=` pins.',
    cure: 'Deploy the one that is meant.',
  },
  TIMEOUT: {
    cause:
      'The time of `--timeout` or `--total-timeout` was over. What was established is reported.',
    cure: 'Give it longer, or see what is slow with `-v`.',
  },
  INTERRUPTED: {
    cause: 'A signal ended the run. What was established is reported.',
    cure: 'Run it again for the rest.',
  },
  PRIVATE_FILE_FAILED: {
    cause:
      'The private file for the job cannot be written: no room, or a directory that others can change.',
    cure: 'Make room, or name another directory: `KEYDRIFT_TMPDIR=DIR`.',
  },
  SCOPE_EMPTY: {
    cause: '`--scope` selects no unit of either copy: a typo, or slices that nobody has any more.',
    cure: 'The hint tells the nearest keys, and values are compared after normalization: correct it, or start no run for slices without work.',
  },
  COPY_CHANGED: {
    cause: 'A copy was replaced while it was read.',
    cure: 'Run it again.',
  },
  COPY_KEEPS_CHANGING: {
    cause: 'A copy was replaced each time that it was read.',
    cure: 'Somebody writes it all the time: look who, then run it again.',
  },
  CONDITIONS_NOT_HONOURED: {
    cause: 'The store ignores conditions, so a write could undo another one unseen.',
    cure: 'Use a store that honours them, or see that nobody else writes, and say `--unconditional`.',
  },
  WRITTEN_MEANWHILE: {
    cause: 'Somebody wrote the object since the plan. Nothing was overwritten.',
    cure: 'Look at what is there now, and plan again.',
  },
  NOT_VERIFIED: {
    cause: 'What was read back is not what was written.',
    cure: 'Do not run jobs on it; `keydrift audit` says what is there.',
  },
  CLAIM_UNKNOWN: {
    cause: 'The object claims a commit that this clone does not know.',
    cure: '`git fetch`; of `publish` also `--allow-unknown-claim`.',
  },
  PLAN_UNREADABLE: {
    cause: 'The file of `--apply` is no plan.',
    cure: 'Make one: `keydrift publish ARTIFACT --dry-run -o json:FILE`.',
  },
  PLAN_TAMPERED: {
    cause: 'The plan is not as keydrift wrote it, or says what is not true.',
    cure: 'Nothing of it is applied. Make a new one.',
  },
  PLAN_CONTRACT_CHANGED: {
    cause: 'The contract changed since the plan.',
    cure: 'Make a new plan.',
  },
  PLAN_COMMIT_GONE: {
    cause: 'The plan’s commit is not in the history of its ref any more.',
    cure: 'Fetch, or make a new plan.',
  },
  PLAN_OTHER_REF: {
    cause: 'The plan is of another ref than `--ref` asserts.',
    cure: 'Apply the plan of that ref.',
  },
  PLAN_STATE_CHANGED: {
    cause: 'The object changed since the plan.',
    cure: 'Make a new plan.',
  },
  NO_HEADER: {
    cause: 'The file is empty.',
    cure: 'An empty support file needs its header line, or `csv.names`.',
  },
  COLUMN_MISSING: {
    cause: 'A copy lacks a column that counts; the message says which copy.',
    cure: 'Correct who writes it, in git where it is the reviewed one, or map the name with `columns`; the nearest names are told.',
  },
  COLUMN_DOUBLED: {
    cause: 'A header names a column twice that counts.',
    cure: 'Rename or drop one: which of them counts is unknown.',
  },
  COLUMNS_DIFFER: {
    cause: 'Without `consumes` every column counts, and the copies have other ones.',
    cure: 'Name the consumed columns, or the others in `descriptive`.',
  },
  CSV_UNCLOSED_QUOTE: {
    cause: 'A quote is opened and never closed.',
    cure: 'Close it, or double a quote that is part of the value.',
  },
  CSV_TEXT_AFTER_QUOTE: {
    cause: 'Text stands after a closing quote.',
    cure: 'Double quotes inside of values; of a writer that uses backslashes: `csv: {escape: "\\\\"}`.',
  },
  CSV_STRAY_QUOTE: {
    cause: 'A quote stands inside of a cell that does not begin with one, where it counts.',
    cure: 'Quote the whole cell, or say `csv: {quote: null}`.',
  },
  INVALID_UTF8: {
    cause: 'Bytes that are no UTF-8 stand in a header, key or consumed cell.',
    cure: 'Save it as UTF-8, or name its `encoding`.',
  },
  NUL_BYTE: {
    cause: 'A NUL stands in a column that counts.',
    cure: 'It is a broken upload, or UTF-16 without its mark.',
  },
  INVALID_ENCODING: {
    cause: 'Bytes are none of the named `encoding`.',
    cure: 'Name the one that it was written in.',
  },
  COMPRESSION_INVALID: {
    cause: 'A compressed copy is broken, cut off, or has something behind its end.',
    cure: 'Write it again.',
  },
  CONTENT_OF_ANOTHER_KIND: {
    cause:
      'It is a file of another kind: a ZIP, a page of HTML, an LFS pointer, an error document.',
    cure: 'The message says what it is and what to do.',
  },
  JSON_INVALID: {
    cause: 'It is no JSON; line and byte are told.',
    cure: 'Write it again, or name its `format`.',
  },
  YAML_INVALID: {
    cause: 'It is no YAML of one document; the line is told.',
    cure: 'Mend it, or name its `format`.',
  },
  PARQUET_INVALID: {
    cause: 'It is no Parquet that can be read: broken, cut off or encrypted.',
    cure: 'Write it again.',
  },
  NOT_RECORDS: {
    cause: 'The document holds no records where `records` or `keyColumn` look for them.',
    cure: 'Point `records` to them.',
  },
  MEMBER_DOUBLED: {
    cause: 'One object has a name twice.',
    cure: 'Which of them counts is unknown: remove one.',
  },
  UNSUPPORTED_TYPE: {
    cause: 'A column that counts has a type without a text.',
    cure: 'Write it as text, numbers or times, or do not consume it.',
  },
  TOO_LARGE: {
    cause: 'A limit stops it, or there is too little memory.',
    cure: '`limits:` in the contract raises it, as far as `--limits` lets it.',
  },
  SYSTEM_LIMIT: {
    cause:
      'The system refused a file descriptor, a process or memory: `ulimit`, or the limits of a container.',
    cure: 'Raise the limit that the message names; 64 descriptors (`ulimit -n 64`) are enough.',
  },
  INTERNAL: {
    cause: 'A defect of keydrift, not of your data.',
    cure: 'Set `KEYDRIFT_DEBUG=1` and report what it shows; a retry may help.',
  },
};

/** What is warned of: it never decides, and `warnings: {CODE: ignore}` silences one of a copy. */
export const warningWords: Readonly<Record<string, CodeWords>> = {
  ACCEPT_ENDS_SOON: {
    cause: 'An `accept` entry ends within seven days.',
    cure: 'Mend the drift, or review a later end.',
  },
  ACCEPT_EXPIRED: {
    cause: 'An `accept` entry is over. `run` honours it for 14 more days.',
    cure: 'Mend the drift, or review a later end.',
  },
  ACCEPT_UNUSED: {
    cause: 'An `accept` entry matches nothing.',
    cure: 'Remove it.',
  },
  BASE_UNREADABLE: {
    cause: 'What the copy was before the change cannot be read.',
    cure: 'What the change does is not known; the message says why.',
  },
  CLAIM_DIFFERS: {
    cause: 'The object claims to be published from a commit, and its bytes are others.',
    cure: 'Somebody overwrote it since: `keydrift investigate ARTIFACT`.',
  },
  CLAIM_LOST: {
    cause: 'What was written came back without its claim.',
    cure: 'Something in between drops metadata.',
  },
  COMPRESSION_BY_CONTENT: {
    cause: 'Only the first bytes say how the copy is compressed.',
    cure: 'Name it (`compression:`), so that no writer of the copy chooses.',
  },
  CONTRACT_DIFFERS: {
    cause: 'The local contract is another one than the bundle’s, and `--config` said which counts.',
    cure: 'Make the bundle again.',
  },
  CONTRACTS_DIFFER: {
    cause: 'The reports that were merged are of copies judged by different contracts.',
    cure: 'Let all parts run at one commit; where the contracts are of different teams, nothing.',
  },
  CONTRACT_UNCOMMITTED: {
    cause: 'The contract differs from that of HEAD.',
    cure: 'Commit it, or read one of a commit: `--config git:REF:PATH`.',
  },
  COPY_NOT_LOOKED_AT: {
    cause: 'The runtime object could not be looked at again after the command.',
    cure: 'Whether it was replaced meanwhile is not known.',
  },
  COPY_REPLACED: {
    cause: 'The runtime object was replaced while the command ran.',
    cure: 'A job that ignores its file may have read the other one.',
  },
  ENCODING_BY_CONTENT: {
    cause: 'Only its mark says how the copy is encoded.',
    cure: 'Name it (`encoding:`), so that no writer of the copy chooses.',
  },
  ENCODING_NOT_KEPT: {
    cause: 'The object had a `Content-Encoding` that what is published has not.',
    cure: 'See that readers do not rely on it.',
  },
  ENFORCED_LATER: {
    cause: '`enforceFrom` is not over: what would fail only warns.',
    cure: 'Mend it before that day.',
  },
  FORMAT_BY_CONTENT: {
    cause: 'Only the first bytes say which format it is.',
    cure: 'Name it (`format:`), so that no writer of the copy chooses.',
  },
  FOUND_WRITTEN: {
    cause: 'The answer to a write was lost, and the object was found as it should be.',
    cure: 'Nothing.',
  },
  GRACE_HISTORY_CUT_OFF: {
    cause: 'A shallow clone ends within the grace time: what lies before excuses nothing.',
    cure: '`fetch-depth: 0`.',
  },
  GRACE_NAMES_UNKNOWN: {
    cause: 'Earlier names of the file could not be looked for.',
    cure: 'A change of its name excuses nothing; the message says why.',
  },
  DESCRIPTIVE_UNKNOWN: {
    cause:
      'A `descriptive` column is none of the file, and another that counts is called nearly so.',
    cure: 'Correct the name in the contract: what was meant counts now, and its differences are drift.',
  },
  IDLE_STEP: {
    cause: 'A normalization step stands on a column that does not count.',
    cure: 'Correct its name, remove it, or consume the column.',
  },
  KEY_DIGITS_LOST: {
    cause: 'Keys look like `1.23457E+17`: a spreadsheet lost their digits.',
    cure: 'Export them as text.',
  },
  KEY_LEADING_ZERO: {
    cause: 'Numbers with leading zeros are keys; pandas and spreadsheets drop them.',
    cure: 'Read them as text, or normalize: `{strip-zeros: left}`. Where the job reads them as text: `warnings: {KEY_LEADING_ZERO: ignore}`.',
  },
  KEY_NULL_TOKEN: {
    cause: 'A key value is a word that readers take for null.',
    cure: 'Tell the reader, or normalize: `{empty: [NULL]}`.',
  },
  METADATA_NOT_KEPT: {
    cause: 'The object had user metadata that a PUT does not keep.',
    cure: 'Set it again, if something reads it.',
  },
  NEAR_LIMIT: {
    cause: 'A copy uses four fifths of a limit.',
    cure: 'Raise the limit before it is met.',
  },
  NOT_HANDED_OVER: {
    cause: 'There is no file for an artifact that the command names.',
    cure: 'The command is not started.',
  },
  NOT_RECORDED: {
    cause:
      'What a run read, or how it ended, could not be written to `--record`. The run counts all the same.',
    cure: 'It needs `s3:PutObject` there; the message says why.',
  },
  OVERRIDE_UNUSED: {
    cause: '`overrides` names an artifact that the glob does not give.',
    cure: 'Correct or remove it.',
  },
  PARTS_LEFT_OUT: {
    cause: 'A folder holds files that are no parts.',
    cure: 'See that the job does not read them.',
  },
  PENDING: {
    cause:
      'The runtime copy agrees with what was reviewed a moment ago: within `grace` a deployment is on its way.',
    cure: 'Wait until the time that the message names; what still differs then is drift.',
  },
  PROBE_LEFT: {
    cause: 'A scratch object of `publish` could not be removed.',
    cure: 'Remove it; the message names it.',
  },
  READER_UNKNOWN: {
    cause: 'The copy holds bytes that some reader takes for other units, and no `reader` is named.',
    cure: 'Name what reads it (`reader: pandas`), or hand over `--as canonical`.',
  },
  REDACTION_DIFFERS: {
    cause:
      'The earlier run named findings by fingerprints of another `--redact-key`, of other columns, or by none.',
    cure: 'Nothing is lost, and `--only-new` lets none of them pass: keep one key, and the next run knows them again.',
  },
  REPLACED_SINCE: {
    cause: 'The object was replaced after it was published.',
    cure: '`keydrift audit` says what is there.',
  },
  RESPELLED: {
    cause: 'Units of one side are one under loose reading: case, blanks, zeros, Unicode form.',
    cure: 'Normalize, or mend the file. Where the key means its case: `warnings: {RESPELLED: ignore}`.',
  },
  REVIEWED_UNCOMMITTED: {
    cause:
      'The reviewed file of the working tree is not that of HEAD, or HEAD has none: `lint` looks at the working tree, every other command at commits.',
    cure: 'Commit it to have it compared, or compare it as it is: `keydrift diff file:PATH s3://… --contract ARTIFACT`.',
  },
  REVIEWED_WARNING: {
    cause: 'The reviewed copy has findings that its policy only warns of.',
    cure: 'They are published with it.',
  },
  ROW_WIDTHS: {
    cause:
      'No record fits the header, and all have the same number of cells: each row has an extra separator, or the header names too few columns.',
    cure: 'Write the file anew without it, or with a header of all columns.',
  },
  SCOPED: {
    cause: 'Only the slices of `--scope` were judged, and nothing is said of the others.',
    cure: 'Leave out `--scope` for a verdict on the whole copy.',
  },
  SLOW_ENGINE: {
    cause: 'The fast engine gave the copies up to the plain one; the verdict is the same.',
    cure: 'The message says why.',
  },
  SOURCE_CHANGED: {
    cause: 'What the contract was made from (`from:`) has changed.',
    cure: 'See what `keydrift init --from` says now, and pin it again.',
  },
  STAGED_NOT_LOOKED_AT: {
    cause: 'A staged object could not be looked at again.',
    cure: 'Whether it was replaced is not known.',
  },
  STAGED_REPLACED: {
    cause: 'A staged object was replaced while the command ran.',
    cure: 'A job may have read the other one.',
  },
  UNKNOWN_PLACEHOLDER: {
    cause: 'A name in braces is nearly an artifact’s, or is one that this run does not judge.',
    cure: 'It went to the command as it stands: correct it, or name that artifact before `--` as well.',
  },
  UNKNOWN_VARIABLE: {
    cause: 'A `KEYDRIFT_…` variable that nobody reads is set.',
    cure: 'Correct or unset it.',
  },
};

/** Why `publish` refuses to write. */
export const refusalWords: Readonly<Record<Exclude<RefusalCode, ErrorCode>, CodeWords>> = {
  REVIEWED_BROKEN: {
    cause: 'The reviewed copy breaks its own contract.',
    cure: 'Mend it in git; `keydrift lint` shows what is wrong.',
  },
  REVIEWED_UNREADABLE: {
    cause: 'The reviewed copy cannot be read.',
    cure: 'Mend it in git; the message says where.',
  },
  OTHER_FORM: {
    cause:
      'The contract reads this runtime copy in another form than the reviewed one, and `publish` writes bytes as they stand.',
    cure: 'Let another job convert it, or let the copy be described as the reviewed one is.',
  },
  UNREVIEWED_CONTENT: {
    cause: 'The bucket keeps no versions, and what no commit holds would be lost.',
    cure: 'Save a copy of the object if it is evidence; then `--overwrite-unreviewed`.',
  },
  GOES_BACK: {
    cause: 'What is there now is newer than what would be written, or is handed over.',
    cure: '`git pull`, and use that commit or a later one; where `publish` is meant to go back, `--allow-rollback`.',
  },
  BESIDE: {
    cause: 'What is there now is of another line of history than what would be written.',
    cure: 'Merge it, or publish that branch; where it is meant, `--allow-rollback`.',
  },
};
