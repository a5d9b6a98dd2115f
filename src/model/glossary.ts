import { findingKinds, kindEntry } from './kinds.ts';

/** A word of reports, messages and docs: all its names, the first as it is listed, and what it means. */
export interface GlossaryWord {
  readonly names: readonly string[];
  readonly meaning: string;
}

const word = (names: string, meaning: string): GlossaryWord => ({
  names: names.split(', '),
  meaning,
});

/** Words that a person meets, by where they are met (SPEC §1): `keydrift help words`, docs/glossary.md. */
export const glossary = (): Readonly<Record<string, readonly GlossaryWord[]>> => ({
  'What is compared': [
    word('artifact', 'A support file: one reviewed copy, and one or more runtime copies.'),
    word('copy', 'One place where an artifact is, with its own bytes: `participants@eu`.'),
    word('side', 'Which of the two copies: `reviewed` or `runtime`. A finding between both is `across`.'),
    word('reviewed', 'The copy that people approved: the file in git, at the ref.'),
    word('runtime', 'The copy that the job really reads: mostly an object in S3.'),
    word('contract', '`keydrift.yaml`: where both copies are, and which of their columns count, and how.'),
    word('location', 'Where a copy is, as the contract has it: a path, `git:REF:PATH`, `s3://…`.'),
    word('revision', 'What names exactly these bytes: a commit and blob, a version of an object, a SHA-256.'),
    word('ref', 'Which commit of git is the reviewed one: a branch, a tag, a commit; HEAD, if nothing else is said (`--ref`).'),
    word('digest', 'A number made of bytes that tells them from all others: an SHA-256, an ETag of S3.'),
    word('record, row', 'A row of data. It is counted from 1, without the header; its `line` is that of the file.'),
  ],
  'What counts': [
    word('key, key column', 'The columns whose values together name one unit of work. They are told as they are compared, normalized: `2025-07-01` for `01.07.2025`.'),
    word('unit', 'A distinct key of a copy: one piece of work that the job does for it.'),
    word('slice, scope', 'The rows of some key values: what one run of a job executes (`--scope`).'),
    word('consumed, consumes', 'Columns beside the key that the job reads. A difference there is drift. Without `consumes`, every column that is not `descriptive` is consumed.'),
    word('descriptive', 'Columns that only people read: a difference there never counts.'),
    word('normalize, normalization', 'Steps that make values alike before they are compared: `trim`, `number` …'),
    word('variant', 'One distinct set of consumed values of a unit. More than one is a conflict.'),
    word('redundant', 'A row that repeats a unit: the job does that piece of work once more. rows − units − invalid.'),
    word('amplification', '(rows − invalid) ÷ units: how often the average unit runs. 1 is what it should be.'),
    word('respelled', 'A unit that is removed in one spelling and added in another: `42` and `042`. It is one unit to a person, and two to the job.'),
    word('reader', 'The program that the job reads the runtime copy with: pandas, Spark …'),
    word('hazard', 'Bytes that a known reader takes for other rows or values than keydrift does.'),
  ],
  'What is found': [
    word('finding', 'One fact of drift: its kind, side, key and rows.'),
    word('kind', `What a finding is: ${findingKinds.join(', ')}.`),
    ...findingKinds.map((kind) => word(kind, kindEntry(kind)?.meaning ?? '')),
    word('across', 'Side of a finding: between the two copies, not in one of them.'),
    word('severity', 'What a finding weighs after policy: fail, warn, ignored, accepted, pending.'),
    word('policy', 'What the contract makes of each kind: `fail`, `warn` or `ignore`.'),
    word('fail', 'A finding that counts: the copy has drifted.'),
    word('warn', 'A finding that is told, and does not count: the policy says so, or it is one of the copy that is not used.'),
    word('ignore', 'A finding that the policy leaves out of every report but JSON.'),
    word('accepted, accept', 'Known drift that the contract allows until a day, for a reason: it does not fail.'),
    word('pending, grace', 'A difference that a deployment on its way explains: within the `grace` time after a change it does not fail.'),
    word('owner, runbook', 'Who is asked, and what is read, when the artifact drifts: the contract says both.'),
  ],
  'What is said of a copy': [
    word('state', 'The fact about a runtime copy, whatever the policy.'),
    word('identical', 'State: the same bytes.'),
    word('equivalent', 'State: other bytes, the same work: another order, quoting, line ends or descriptive columns.'),
    word('missing', 'State: there is no runtime copy: no such object, file or table.'),
    word('unreviewed', 'State: there is an object, and no reviewed file that explains it.'),
    word('unreadable', 'State: the content of a copy cannot be read as a table.'),
    word('indeterminate', 'State and verdict: it could not be established. Nothing is said of the copies.'),
    word('verdict', 'The judgement after policy: `in-sync`, `drifted` or `indeterminate`.'),
    word('in sync, in-sync', 'Verdict: nothing that fails was found. Warnings may stand beside it.'),
    word('drifted, drift', 'Verdict: something that fails was found. State: there are findings.'),
    word('NOT ENFORCED, enforced', 'A flag lets something pass that the contract would not: `--no-fail`, `--override` …'),
    word('enforcement', 'What the contract refuses. `lint --base` tells what a change of it does to that, word by word.'),
    word('weaker', 'Of a changed contract: something passes that it refused before, or nothing checks it any more; what cannot be ordered counts as weaker. `--forbid-weaker` fails for it: where a reviewer finds that it is meant, lint is run without the flag.'),
    word('stricter', 'Of a changed contract: something is refused that passed before.'),
    word('confirmed', 'The drift was still there when the copy was read once more (`--confirm`).'),
    word('evidence', 'What a state rests on: all `bytes`, or the SHA-256 that the store computed itself.'),
    word('claim', 'What a publisher wrote beside an object about its origin. It is never taken for evidence.'),
  ],
  'Why it drifted': [
    word('cause', 'Why the runtime copy differs, as far as both histories tell it.'),
    word('stale', 'Cause: the runtime copy is an older reviewed version. `behind` counts the changes since.'),
    word('ahead', 'Cause: the reviewed copy is ahead by exactly one change: the runtime copy is still the version before it, and a deployment may be on its way.'),
    word('unmerged', 'Cause: the runtime copy is a commit that the reviewed ref does not contain.'),
    word('edited', 'Cause: no commit has this content. The nearest commit is told, with what was edited on top; where hardly a unit is shared, the one that it is under loose reading.'),
    word('unknown', 'Cause: the histories at hand do not tell it; the reason is said.'),
    word('nearest', 'The commit from whose content an `edited` copy differs in the fewest units, where enough of them are in both; of a name that is not known, the one that may be meant.'),
    word('onset', 'The change of an object, or the commit, with which the present drift began.'),
    word('timeline', 'The history of both copies as one, newest first: ● the copies agree, ◆ they drift apart, × nothing is there, ○ there is nothing to compare with.'),
    word('new, persisting, resolved', 'What became of a finding since an earlier report (`--previous`, `--state`).'),
  ],
  'What runs and is written': [
    word('gate', '`keydrift run` and `keydrift gate`: they judge what a job is about to read, and let it start or not.'),
    word('hand over', 'To give the judged bytes to the command, so that what was checked is what is read.'),
    word('stage', 'To write the judged bytes to a place from which a job elsewhere reads them.'),
    word('deduplicated', '`--use deduplicated`: each unit once; rows that repeat one without a conflict are dropped.'),
    word('canonical', '`--as canonical`: the rows written anew as plain CSV, which every reader takes alike.'),
    word('override', 'To let exactly one revision run although it drifted. It is logged as NOT ENFORCED.'),
    word('plan', 'Of `publish`: what it would write, to be looked at first.'),
    word('bundle', 'The reviewed copies of a commit in a directory, for places without git.'),
    word('next', 'The command that one would type now; it can be pasted.'),
  ],
}); // prettier-ignore

/** Words of the code beside them. */
export const codeGlossary: readonly GlossaryWord[] = [
  word('pin', 'To hold a copy to one revision.'),
  word('scheme, source', 'The start of a location; what opens it.'),
  word('table, record, cell, place', 'A copy read by its format; a row of it; a value of a row; where a row is, in words.'),
  word('locator', 'The number by which a table reads a record again.'),
  word('scan plan', 'Which columns are read, in which role, by which steps.'),
  word('scan, keyset, candidates', 'One read of a copy; what is kept of it; keys that may differ.'),
  word('confirm', 'To read a row again and compare its bytes, not its hash.'),
  word('counted, listed, shown', 'Known from all keys; told in JSON; told by text under `--limit`.'),
  word('weighed', 'Judged by policy.'),
  word('clean', 'In sync, with nothing else to say.'),
  word('held against', 'Compared with, as grace does with an older version.'),
  word('moment, in force', 'A point of both histories; being the reviewed copy at that moment.'),
  word('document, schema, output', 'A JSON file that others read; what it must be; a form in which something is told.'),
  word('given', 'Options of a command line.'),
]; // prettier-ignore

/** What each exit code says: `keydrift help exit-codes`, and the tables of the README and docs/gate.md. */
export const exitWords: Readonly<Record<string, readonly (readonly [code: string, meaning: string])[]>> = {
  'audit, diff, lint, investigate, report': [
    ['0', 'in sync (warnings allowed)'],
    ['1', 'drift: a fact was established; a retry gives the same'],
    ['2', 'no verdict: usage, configuration, access, network'],
    ['3', 'both, in one audit'],
  ],
  'run and gate': [
    ['its own', "the command's own exit code; 128 + signal when it died of one"],
    ['121', 'refused because of drift; the job did not start'],
    ['122', 'no verdict that lasts: usage, contract, denied, no such bucket'],
    ['125', 'no verdict for now: network, an overloaded store, a full disk, time'],
    ['126, 127', 'the command cannot be run, is not found'],
  ],
  publish: [
    ['0', 'written, or planned (`--dry-run`)'],
    ['1', 'refused: nothing was written'],
    ['2', 'no verdict: usage, configuration, access, network; or somebody else wrote meanwhile'],
    ['3', 'some of each'],
    ['4', 'with `--dry-run --exit-code`: there is something to write'],
  ],
}; // prettier-ignore
