import * as z from 'zod';
import {
  cells,
  count,
  counts,
  digest,
  error,
  named,
  nullable,
  objectId,
  point,
  pointed,
  publishedClaim,
  text,
  time,
  whole,
  word,
} from './parts.ts';
import { artifact, finding, judged } from './report.ts';

const entryFacts = {
  rows: nullable(whole, 'Data records; null: there is no such content, or it cannot be read.'),
  units: nullable(whole, 'Distinct functional keys; null as rows.'),
  redundant: nullable(whole, 'Rows that repeat a unit; null as rows.'),
  invalid: nullable(whole, 'Records that are no unit of work; null as rows.'),
  amplification: nullable(
    z.number().min(0),
    'How often the average unit runs; null without units.',
  ),
  sha256: nullable(digest, "SHA-256 of the content's bytes, hex."),
  relation: nullable(
    z.string(),
    "To the other side's copy in force at that time: identical, equivalent, drifted, missing, unreviewed, unreadable or other-columns; null: there was none yet, or this one never was in force.",
  ),
  counts: nullable(counts, 'Findings between the two by kind, whatever the policy.'),
  current: z.boolean().describe('Whether its side holds it now.'),
  error: nullable(error, 'Why it cannot be read.'),
};

const commitEntry: z.ZodType = named(
  'commitEntry',
  {
    at: time('When it was committed.'),
    side: z.literal('reviewed').describe('The reviewed side.'),
    commit: objectId.describe('Full id of the commit.'),
    author: text('Its author: any text.'),
    subject: text('Its subject: any text.'),
    path: text("The path at that commit, from the repository's root."),
    deleted: z.boolean().describe('Whether it removed the file.'),
    inForce: z
      .boolean()
      .describe('Whether it was the reviewed copy by itself; a commit of a side branch never was.'),
    ...entryFacts,
  },
  'A commit that changed the reviewed path.',
);

const versionEntry: z.ZodType = named(
  'versionEntry',
  {
    at: time('LastModified.'),
    side: z.literal('runtime').describe('The runtime side.'),
    versionId: nullable(
      z.string(),
      'VersionId; null where there are no versions, "null" for a null version.',
    ),
    deleted: z.boolean().describe('Whether it is a delete marker.'),
    bytes: nullable(whole, 'Length; null for a delete marker.'),
    claim: nullable(publishedClaim, 'What its publisher claims; null: nothing is known of it.'),
    evidence: nullable(
      z.string(),
      'How its content is known: read now, cached from an earlier read, or (a past version only) etag: taken for that of a version with an equal ETag and size. Null: it is not known.',
    ),
    reviewedCommit: nullable(objectId, 'Commit of the reviewed copy in force at that time.'),
    ...entryFacts,
  },
  'A version of the runtime object, or a delete marker.',
);

const pointChange: z.ZodType = z
  .object({ counts, findings: z.array(finding).describe('All findings between the two.') })
  .describe('The one before is the reviewed side of the findings, this one the runtime side.');

const onset: z.ZodType = pointed(
  'onset',
  {
    versions: count('Object versions that drifted since, the present one included.'),
    began: word(
      ['here', 'earlier'],
      'earlier: it was there already at the oldest point that is known.',
    ),
    lastedMs: z.number().min(0).describe('How long it has lasted, in milliseconds.'),
    reviewedCommit: nullable(objectId, 'Commit of the reviewed copy in force at that time.'),
    search: z
      .looseObject({ read: count('Moments that were compared.'), of: count('Moments in all.') })
      .describe(
        'Of a table: it was found by bisection, which takes it that a drift lasts once it began. Left out: every moment was compared.',
      )
      .optional(),
    byKind: z
      .record(z.string(), point)
      .describe('Each kind of finding that stands now, and since when without a break.'),
    change: nullable(
      pointChange,
      'What changed in it against the one before on its side; null: there is none to compare with.',
    ),
    later: z
      .array(
        pointed(
          'laterOnset',
          {
            counts: counts.describe('Listed findings of now that began with it, by kind.'),
            change: nullable(
              pointChange,
              'What changed in it against the one before on its side; null: it is not told.',
            ),
          },
          'A point after the onset with which findings began that stand now.',
        ),
      )
      .describe('With what else findings began that stand now, newest first.')
      .optional(),
  },
  'Where the present unbroken drift began.',
);

const slice: z.ZodType = named(
  'slice',
  {
    scope: z
      .record(z.string(), z.array(z.string()))
      .describe('Key columns, and the values that were asked for.'),
    nearest: z
      .record(z.string(), z.array(z.string()))
      .describe('Where it stands in neither history: values of now that may be meant.')
      .optional(),
    rowCount: z
      .object({
        reviewed: count('In the reviewed copy.'),
        runtime: count('In the runtime copy.'),
      })
      .describe('Rows of the slice now.'),
    diff: nullable(
      z.string(),
      'Unified diff of its rows, reviewed to runtime; null: they are the same.',
    ),
    points: z
      .array(
        pointed(
          'slicePoint',
          {
            change: word(
              ['appeared', 'changed', 'vanished'],
              'What became of the slice at that point.',
            ),
            rowCount: count('Rows of the slice in it.'),
            rows: z
              .array(
                z
                  .object({
                    record: count('1-based number of the data record.'),
                    line: count('1-based physical line at which it starts.'),
                    values: cells,
                  })
                  .describe('A row.'),
              )
              .describe('The first 20 of them.'),
          },
          'A point of the timeline that changed the slice.',
        ),
      )
      .describe('What became of it, newest first.'),
    blame: z
      .array(
        z
          .object({
            line: count('1-based physical line of the reviewed copy.'),
            commit: objectId.describe('Full id of the commit.'),
            author: text('Its author: any text.'),
            subject: text('Its subject: any text.'),
            at: time('When it was committed.'),
          })
          .describe('A line.'),
      )
      .describe('Who last changed its lines of the reviewed copy.'),
  },
  'One slice through both histories.',
);

const comparison: z.ZodType = named(
  'comparison',
  {
    from: point,
    to: point,
    artifact: artifact.describe('`from` as the reviewed side, `to` as the runtime side.'),
  },
  'Two points of the histories compared.',
);

const cost: z.ZodType = named(
  'cost',
  {
    scans: nullable(
      z.string(),
      "The contract's template of what a unit scans; null: it says nothing of it.",
    ),
    redundantRows: count('Redundant rows of the runtime copy now.'),
    amplification: nullable(
      z.number().min(0),
      'How often the average unit runs; null without units.',
    ),
    redundantBytes: nullable(
      whole,
      'Bytes that a run scans more than once; null: not known for any unit.',
    ),
    known: word(['all', 'part', 'none'], 'Of how many repeated units the bytes are known.'),
    units: z
      .array(
        named(
          'unitCost',
          {
            key: cells,
            rows: count('Rows of the unit in the runtime copy.'),
            prefix: text('What one scan reads, s3://bucket/prefix.'),
            objects: nullable(whole, 'Objects under it; null: it could not be listed.'),
            bytes: nullable(whole, 'Bytes of one scan.'),
            redundantBytes: nullable(whole, 'Bytes of one scan times the redundant rows.'),
            reason: nullable(z.string(), 'Why it could not be listed.'),
          },
          'What one repeated unit scans more than once.',
        ),
      )
      .describe('The repeated units.'),
  },
  'What the repetition of a run costs.',
);

const runs = named(
  'runs',
  {
    place: text('Where the records are.'),
    since: time('From when on they were read, UTC.'),
    redundant: count('Redundant executions of all runs.'),
    redundantBytes: nullable(whole, 'Bytes that they scanned again; null: not known of any.'),
    known: word(['all', 'part', 'none'], 'Of how many repeating runs the bytes are known.'),
    unread: count('Records that could not be read, or were too many.'),
    records: count(
      'Records of that time, whatever they are of; 0: perhaps another prefix is meant.',
    ).optional(),
    runs: z
      .array(
        named(
          'run',
          {
            startedAt: time('When it began, UTC.'),
            endedAt: nullable(
              time('When it had ended, UTC.'),
              'When it had ended, UTC; null: it has not, or it was killed.',
            ),
            decision: word(['undecided', 'run', 'refused', 'no-verdict'], 'Of all its artifacts.'),
            exitCode: nullable(whole, "Of keydrift, or the command's own; null as endedAt is."),
            enforced: z.boolean().describe('False where something was let through.'),
            started: z.boolean().describe('Whether the command was started.'),
            outcome: word(['run', 'refused', 'no-verdict'], 'Of this artifact.'),
            use: word(['runtime', 'deduplicated', 'reviewed'], 'Whose rows it got.'),
            revision: nullable(z.string(), 'Of the copy that it got.'),
            overridden: z.boolean().describe('Whether an override let it run.'),
            scoped: z.boolean().describe('Whether it got the slices of a scope only.'),
            versionId: nullable(z.string(), 'Of the runtime copy that it read.'),
            redundant: count('Redundant executions; 0 where the command was not started.'),
            redundantBytes: nullable(whole, 'Bytes scanned again; null: not known.'),
          },
          'One recorded run of the copy.',
        ),
      )
      .describe('Newest first.'),
  },
  'What recorded runs did since the drift began.',
);

/** `keydrift.investigation/1`. */
export const investigation: z.ZodType = z
  .object({
    schema: z.literal('keydrift.investigation/1').describe('Name of this schema.'),
    ...judged,
    error: nullable(
      error,
      'A contract, usage or access error of the whole; what was established before it stands.',
    ),
    artifact: nullable(
      artifact,
      'The copy as it is now, as in keydrift.report/1, with its cause; null: nothing was established.',
    ),
    history: z
      .object({
        reviewed: nullable(z.string(), 'Of git, complete or shallow; null: none.'),
        runtime: nullable(
          z.string(),
          'Of the object, versioned, unversioned or cut-off: all its versions, the one there is, or not all that there are; null: none.',
        ),
        reasons: z.array(z.string()).describe('What is not at hand, and why.'),
      })
      .describe("How much of each side's history is at hand."),
    timeline: z
      .array(z.union([commitEntry, versionEntry]))
      .describe('Both histories merged, newest first.'),
    onset: nullable(
      onset,
      'Where the present drift began; null: there is none, or it is not known.',
    ),
    slice: nullable(slice, 'With --scope.'),
    comparison: nullable(comparison, 'With --from or --to.'),
    cost: nullable(cost, 'What the repetition costs; null: it was not established.'),
    runs: nullable(runs, 'With --runs.').optional(),
  })
  .meta({
    title: 'keydrift.investigation/1',
    description:
      'What one run of keydrift investigate established. Fields and kinds are only ever added under this name: read what you know, and let the rest be.',
  });
