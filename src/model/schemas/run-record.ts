import * as z from 'zod';
import { course, judged } from './decision.ts';
import { count, digest, nullable, text, time, tool, whole } from './parts.ts';

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
    ...course,
    exitCode: nullable(
      whole,
      "Of keydrift: the command's own, where it was started; null as endedAt is.",
    ),
    artifacts: z
      .array(
        z.looseObject({
          ...judged,
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
