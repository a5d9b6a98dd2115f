import * as z from 'zod';
import { count, digest, nullable, state, text, time, tool, verdict, whole, word } from './parts.ts';

/** `keydrift.run/1`. */
export const run: z.ZodType = z
  .looseObject({
    schema: z.literal('keydrift.run/1').describe('Name of this schema.'),
    tool,
    startedAt: time('When the run began, UTC.'),
    endedAt: nullable(
      time('When it had ended, UTC.'),
      'When it had ended, UTC; null: it has not, or it was killed.',
    ),
    decision: word(['undecided', 'run', 'refused', 'no-verdict'], 'What was decided of all.'),
    exitCode: nullable(
      whole,
      "Of keydrift: the command's own, where it was started; null as endedAt is.",
    ),
    enforced: z.boolean().describe('False where a flag or an override let something through.'),
    started: z.boolean().describe('Whether the command was started.'),
    command: nullable(
      z.looseObject({
        exitCode: count('128 and the number of the signal where it died of one.'),
        signal: nullable(z.string(), 'What it died of.'),
      }),
      'How the command ended; null: it did not, or there is none.',
    ),
    artifacts: z
      .array(
        z.looseObject({
          artifact: text('Name of the artifact.'),
          copy: nullable(z.string(), 'Name of its runtime copy, or null.'),
          outcome: word(['run', 'refused', 'no-verdict'], 'Whether the command might start.'),
          verdict,
          state: nullable(state, 'Null where there was one side only.'),
          use: word(['runtime', 'deduplicated', 'reviewed'], 'Whose rows it got.'),
          revision: nullable(z.string(), 'Of the copy that was used, as --at takes it.'),
          overridden: z.boolean().describe('Whether an override let it run.'),
          scoped: z.boolean().describe('Whether only the slices of a scope were handed over.'),
          runtime: nullable(
            z.looseObject({
              location: text('Where it is.'),
              versionId: nullable(z.string(), 'VersionId; null: it has none.'),
              sha256: nullable(digest, 'SHA-256 of its bytes, hex; null: it has none of its own.'),
              rows: count('Data records.'),
            }),
            'The runtime copy; null: it was not read.',
          ),
          redundant: nullable(
            z.int().min(0),
            'Rows that repeat a unit in what the command got; null: it got nothing.',
          ),
        }),
      )
      .describe('Every artifact of the run.'),
  })
  .meta({
    title: 'keydrift.run/1',
    description:
      'What one run of keydrift run or gate read, decided and did, as --record keeps it: without data. Fields are only ever added under this name.',
  });
