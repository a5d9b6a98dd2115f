import * as z from 'zod';
import { causeKinds } from '../cause.ts';
import { findingKinds } from '../kinds.ts';
import { stepKinds } from '../step.ts';
import {
  anyTime,
  cells,
  claim,
  contractPlace,
  count,
  counts,
  digest,
  error,
  fromEnvironment,
  named,
  nullable,
  objectId,
  point,
  severity,
  side,
  state,
  text,
  time,
  tool,
  verdict,
  warning,
  whole,
  word,
} from './parts.ts';

const place = { location: text('Where the copy is, as people write it; without secrets.') };
const counted = {
  bytes: nullable(whole, 'Length of the copy; null: it has none of its own.'),
  sha256: nullable(digest, "SHA-256 of the copy's bytes, hex; null as bytes."),
  rows: count('Data records: units + redundant + invalid.'),
  units: count('Distinct functional keys.'),
  redundant: count('Rows that repeat a unit.'),
  invalid: count('Records that are no unit of work.'),
  digest: nullable(
    digest,
    'Functional digest, hex: equal when two copies have the same units, variants and row counts. A verdict never rests on it.',
  ),
};
const committed = {
  commit: objectId.describe('Full id of the commit.'),
  committedAt: time('When it was committed.'),
  blob: objectId.describe('Full id of the blob.'),
  changedIn: z
    .object({
      commit: objectId.describe('Full id of the commit.'),
      committedAt: time('When it was committed.'),
    })
    .describe('The commit that last changed the file; left out: its history was not asked.')
    .optional(),
};

const ofObject = {
  versionId: nullable(
    z.string(),
    'VersionId; null in a bucket that was never versioned, "null" for a null version.',
  ),
  etag: text('ETag as the store gives it; never a content hash.'),
  lastModified: time('LastModified.'),
};
const ofFile = { modifiedAt: time('When the file was last modified.') };
const ofParts = {
  partsDigest: digest.describe('SHA-256 of the list of its files and what pins them, hex.'),
  modifiedAt: time('When the newest of its files was last modified.'),
  parts: z
    .array(z.looseObject({ name: text('From the folder.'), bytes: whole }))
    .describe('Its files, each with what pins it.'),
};
/** Where a copy is and what pins it, of whatever kind, where no more is known of it. */
const unreadSide = z
  .looseObject({ ...committed, ...ofObject, ...ofParts, ...ofFile })
  .partial()
  .extend({ location: text('Where it is.') });

/** What was read of a copy; what pins it decides which of these it is. */
export const sideReport: z.ZodType = z
  .union([
    named('gitSide', { ...place, ...committed, ...counted }, 'A copy in git.'),
    named(
      'bundleSide',
      {
        ...place,
        manifest: digest.describe("SHA-256 of the bundle's manifest, hex: which bundle it was."),
        ...committed,
        ...counted,
      },
      'A reviewed copy out of a bundle.',
    ),
    named(
      's3Side',
      {
        ...place,
        ...ofObject,
        ...counted,
        claim: nullable(claim, 'What its publisher claims; null: nothing.').optional(),
      },
      'A copy in object storage.',
    ),
    named('fileSide', { ...place, ...ofFile, ...counted }, 'A copy in a file.'),
    named(
      'partsSide',
      {
        ...place,
        ...ofParts,
        ...counted,
      },
      'A folder of files that is one copy.',
    ),
    named('otherSide', { ...place, ...counted }, 'A copy that something else pins.'),
  ])
  .meta({ id: 'sideReport', description: 'What was read of one copy, and what pins it.' });

const row: z.ZodType = named(
  'row',
  {
    side,
    record: count('1-based number of the record, the header not counted; 0: only its place tells.'),
    line: count('1-based physical line at which it starts; 0: it has none.'),
    place: text("Where it stands, in its format's own words.").optional(),
    values: cells,
  },
  'A row as it stands in the file.',
);

const accepted: z.ZodType = z
  .object({
    until: text('The last day on which it holds, in UTC.'),
    reason: text('Why it may stay.'),
  })
  .describe('The entry of the contract that accepts it.');

const transition: z.ZodType = named(
  'transition',
  {
    change: word(['new', 'persisting'], 'Whether an earlier run had found it.'),
    since: time('When the first run began that found it.'),
  },
  'How it stands to an earlier run.',
);

/** One fact of drift. */
export const finding: z.ZodType = named(
  'finding',
  {
    kind: word(findingKinds, 'What it is.'),
    side: word(
      ['reviewed', 'runtime', 'across'],
      'Where it stands: on one copy by itself, or between the two.',
    ),
    severity,
    key: nullable(cells, 'Normalized key values; null where it is of no single unit.'),
    fields: z
      .array(z.string())
      .describe('Consumed columns that disagree, in contract order; for conflict.'),
    reason: nullable(z.string(), 'What is wrong, where it has no key.'),
    rowCount: z
      .object({
        reviewed: count('Rows of the reviewed copy.'),
        runtime: count('Rows of the runtime copy.'),
      })
      .describe('Rows of this key on each side.'),
    rows: z.array(row).describe('The first 20 rows of each side, reviewed first, in file order.'),
    respelled: nullable(
      cells,
      'The key on the other side that is this unit under loose reading.',
    ).optional(),
    accepted: nullable(accepted, 'Null: nothing accepts it.').optional(),
    transition: transition.optional(),
    began: point
      .describe('In an investigation: the change with which it began, to stand since.')
      .optional(),
  },
  'One fact of drift.',
);

const change: z.ZodType = named(
  'change',
  {
    baseRef: text('What it was compared with, as asked for.'),
    mergeBase: z
      .boolean()
      .describe('Whether base is of the merge base, another commit than that; left out: it is not.')
      .optional(),
    base: nullable(sideReport, 'The reviewed copy before the change; null: there was none.'),
    reading: z
      .array(
        z.looseObject({
          word: text('As it stands in the contract: key, normalize.weight.'),
          before: nullable(z.string(), 'Null: it was not there.'),
          after: nullable(z.string(), 'Null: it is there no longer.'),
        }),
      )
      .describe('How the contract reads rows otherwise than at the base; left out: as there.')
      .optional(),
    renamed: nullable(
      count('Units of the base.'),
      'Of the base, that have other names by the key of now, by which both sides are compared; null: it cannot be read by that, and its units have their own names. Left out: the names are as before.',
    ).optional(),
    added: count('Units that the change adds.'),
    removed: count('Units that it removes.'),
    changed: count('Units whose variants it changes.'),
    units: z
      .array(
        z
          .object({
            change: word(['added', 'removed', 'changed'], 'What happens to it.'),
            key: cells,
            fields: z.array(z.string()).describe('Consumed columns that change.'),
            rowCount: z
              .object({ before: count('Before the change.'), after: count('After it.') })
              .describe('Rows of the unit.'),
            before: nullable(row, 'Its first row before the change.'),
            after: nullable(row, 'Its first row after it.'),
            rows: z
              .object({
                before: z.array(row).describe('Before the change.'),
                after: z.array(row).describe('After it.'),
              })
              .describe('Its first 20 rows of each; left out where neither has more than one.')
              .optional(),
          })
          .describe('A unit that the change touches.'),
      )
      .describe('The units themselves, sorted by key; the first 1,000.'),
  },
  'What a change does to the work: the reviewed copy against its base.',
);

const step: z.ZodType = named(
  'step',
  {
    kind: word(stepKinds, 'Which way out it is.'),
    text: text('What it does, one sentence: any text.'),
    commands: z
      .array(z.string())
      .describe(
        'Lines of a shell, typed one after the other; COMMAND and REASON are the reader’s own. Empty: nothing is typed.',
      ),
  },
  'One way out of what was found.',
);

const cause: z.ZodType = named(
  'cause',
  {
    kind: word(
      causeKinds,
      'stale: it is an older reviewed version. unmerged: it is a commit that the ref does not contain. edited: no commit has this content. ahead: it is the version just before the last change, a deployment may be on its way. unknown: history does not tell.',
    ),
    commit: nullable(z.string(), 'The commit that the runtime copy equals or is nearest to.'),
    subject: nullable(z.string(), "The commit's subject: any text."),
    author: nullable(z.string(), "The commit's author: any text."),
    committedAt: nullable(anyTime, 'When it was committed.'),
    behind: nullable(
      whole,
      'Changes of the path from that commit to the reviewed copy; for stale and ahead.',
    ),
    replacedAt: nullable(
      anyTime,
      'When a newer version replaced it as the reviewed one; for stale and ahead.',
    ),
    branch: nullable(z.string(), 'A branch that has the commit; for unmerged.'),
    loose: word(
      ['leading-zeros', 'spelling'],
      'It equals the commit under loose reading only, and what of that is needed; for edited. Left out: it does not, or another commit is near.',
    ).optional(),
    removed: z
      .looseObject({
        commit: objectId.describe('Full id of the commit that took the reviewed file away.'),
        renamedTo: nullable(z.string(), 'What git sees it called since; null: nothing.'),
      })
      .describe('Left out: the reviewed file is there.')
      .optional(),
    edits: nullable(
      z
        .object({
          added: count('Findings of this kind.'),
          removed: count('Findings of this kind.'),
          duplicated: count('Findings of this kind.'),
          conflict: count('Findings of this kind.'),
          invalid: count('Findings of this kind.'),
          total: count('All of them.'),
        })
        .describe('Counts by kind.'),
      'Edits between that commit and the runtime copy; for edited.',
    ),
    reason: nullable(z.string(), 'Why it is unknown, or why what was found may not be all.'),
    cutOff: z
      .literal(true)
      .describe('Older commits may tell it, which a shallow clone lacks; left out: they do not.')
      .optional(),
  },
  'Why the runtime copy differs from its reviewed copy, as history tells it.',
);

const severityCounts: z.ZodType = z
  .record(z.string(), z.int().min(0))
  .describe('All findings by severity, listed or not.');

const provenance: z.ZodType = z
  .object({
    sha256: digest.describe("SHA-256 of the contract's file, hex."),
    commit: nullable(
      z.string(),
      'The commit that it was read from or is committed in; null: none.',
    ),
    uncommitted: z.boolean().describe('Whether it differs from what is committed.'),
    file: text('The first of its files that does, from the root of its repository.').optional(),
  })
  .describe('The contract that the copy was judged by.');

/** One copy of one artifact, judged. */
export const artifact: z.ZodType = named(
  'artifact',
  {
    name: text('Name of the artifact.'),
    copy: nullable(z.string(), 'Name of the runtime copy, where the artifact has several.'),
    owner: nullable(z.string(), 'Owner, as the contract has it.'),
    runbook: nullable(z.string(), 'Runbook, as the contract has it.'),
    labels: z.record(z.string(), z.string()).describe('Labels, as the contract has them.'),
    verdict,
    state: nullable(state, 'The fact about the runtime copy; null where there is only one side.'),
    reviewed: nullable(sideReport, 'The reviewed copy; null: it was not read.'),
    runtime: nullable(sideReport, 'The runtime copy; null: it was not read.'),
    unread: unreadSide
      .describe(
        'The runtime copy, and what pins it, where its rows cannot be read; left out: it was read, or not pinned.',
      )
      .optional(),
    amplification: nullable(
      z.number().min(0),
      'How often the average unit runs by the runtime copy, or by the only one; null without units.',
    ),
    counts,
    severities: severityCounts.optional(),
    truncated: nullable(
      z.record(z.string(), whole),
      'By kind, how many findings are not listed; null: all are.',
    ).optional(),
    evidence: nullable(
      z.string(),
      'What the state rests on: the bytes that were read, or a SHA-256 of the store. Null: nothing was compared.',
    ).optional(),
    contract: nullable(provenance, 'Null: it was judged without one.').optional(),
    transition: transition.optional(),
    confirmed: nullable(
      z.object({
        seconds: z.number().describe('How long after the first look.'),
        again: word(
          ['in-sync', 'drifted', 'indeterminate'],
          'What it said; without a verdict the first one stands.',
        ),
      }),
      'A second look at what drifted (`--confirm`); null: there was none.',
    ).optional(),
    pending: z
      .boolean()
      .describe('Whether what differs is a deployment on its way, within its grace.')
      .optional(),
    use: z
      .enum(['deduplicated', 'reviewed'])
      .describe(
        'Whose rows a run hands over (`--use`); left out: the runtime copy’s, or it is no run.',
      )
      .optional(),
    skipped: nullable(z.string(), 'Why nothing was read of it; null: it was judged.').optional(),
    redactionCheck: text(
      'Differs where fingerprints of key values were made with another key, or of other columns; left out: no key column is redacted.',
    ).optional(),
    findings: z.array(finding).describe('Findings, in order of kind, key and side.'),
    respelled: count(
      'Pairs of an added and a removed unit that are one under loose reading.',
    ).optional(),
    warnings: z.array(warning).describe('What does not decide.'),
    change: nullable(change, 'What a change does to the work; for lint with a base.').optional(),
    cause: nullable(cause, 'Why the copies differ; null where history was not asked.').optional(),
    whatToDo: z
      .array(step)
      .describe('What can be done about it now, the first of it first; left out: nothing.')
      .optional(),
    error: nullable(
      error,
      'Why there is no verdict, or what makes the copy missing, unreviewed or unreadable.',
    ),
  },
  'One copy of one artifact, judged.',
);

/** What every judging document begins with. */
export const judged: z.ZodRawShape = {
  tool,
  startedAt: time('When the run began, UTC.'),
  durationMs: z.number().min(0).describe('How long it took, in milliseconds.'),
  verdict,
  exitCode: z
    .int()
    .min(0)
    .max(255)
    .describe(
      '0 in sync, 1 drift, 2 no verdict, 3 both. Of run: 0 the command was let through, 121 refused, 122 and 125 no verdict.',
    ),
  enforced: z.boolean().describe('False where a flag weakens what the contract enforces.'),
  notEnforced: z
    .array(
      z.looseObject({
        artifact: text('Name of the artifact, with its copy.'),
        kinds: z.array(z.string()).describe('What would fail by the contract, and does not.'),
      }),
    )
    .describe('What is not enforced, by artifact.')
    .optional(),
  fromEnvironment,
};

const enforcement = z
  .looseObject({
    baseRef: text('What the contract was compared with.'),
    fault: nullable(z.string(), "Why the base's contract tells nothing; null: it was compared."),
    changes: z
      .array(
        z.looseObject({
          artifact: text('Name of the artifact.'),
          copy: nullable(z.string(), 'Name of the copy; null: of all of them.'),
          word: text('As it stands in the contract; artifact or copy: the whole of it.'),
          before: nullable(z.string(), 'Null: it was not there.'),
          after: nullable(z.string(), 'Null: it is there no longer.'),
          effect: word(['weaker', 'stricter'], 'What cannot be ordered is weaker.'),
          place: contractPlace
            .describe(
              'Where the contract says it, or lists its artifacts; left out: it is in no repository.',
            )
            .optional(),
          unordered: z
            .literal(true)
            .describe('It cannot be ordered, and so counts as weaker; left out: it can.')
            .optional(),
        }),
      )
      .describe('Each word that now lets more, or less, pass.'),
  })
  .describe('What a change of the contract does to what is enforced; of lint with a base.');

/** `keydrift.report/1`. */
export const report: z.ZodType = z
  .object({
    schema: z.literal('keydrift.report/1'),
    command: word(['audit', 'diff', 'lint', 'bundle', 'run'], 'The command that was run.'),
    ...judged,
    transitions: z
      .object({
        previous: nullable(anyTime, 'When the earlier run began; null: there was none yet.'),
        new: count('Listed findings that it had not.'),
        persisting: count('Listed findings that it had too.'),
        unknown: count(
          'Listed findings of which nothing is known: it named them by other fingerprints.',
        ).optional(),
        resolved: z
          .array(
            z.looseObject({
              artifact: text('Name of the artifact, with its copy.'),
              findings: count('How many of its findings are there no longer.'),
              since: nullable(z.string(), 'Since when the oldest of it was there.'),
              whole: z.boolean().describe('Whether the copy has not drifted any more.'),
            }),
          )
          .describe('What is there no longer, by copy.'),
      })
      .describe('What became of the findings of an earlier run; left out: none was asked.')
      .optional(),
    shard: z
      .object({
        part: count('Which one; the first is 1.'),
        of: count('How many there are.'),
      })
      .describe('Which part of the artifacts it is of; left out: of all.')
      .optional(),
    changedSince: z
      .object({
        ref: text('As it was asked for.'),
        of: count('How many copies were asked for; those that are the same there were not judged.'),
      })
      .describe('What is the same as at a git ref was left out; left out: all was judged.')
      .optional(),
    error: nullable(error, 'A contract or usage error; then artifacts is empty.'),
    enforcement: enforcement.optional(),
    artifacts: z.array(artifact).describe('Every copy of every artifact that was selected.'),
  })
  .meta({
    title: 'keydrift.report/1',
    description:
      'What one run of keydrift established. Fields and kinds are only ever added under this name: read what you know, and let the rest be.',
  });
