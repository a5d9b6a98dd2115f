import * as z from 'zod';
import { handOver, override, table } from './gate.ts';
import {
  count,
  counts,
  digest,
  error,
  nullable,
  state,
  text,
  time,
  tool,
  verdict,
  warning,
  whole,
  word,
} from './parts.ts';

/** How a run went as a whole, wherever it is told. */
export const course: Readonly<Record<string, z.ZodType>> = {
  decision: word(
    ['undecided', 'run', 'refused', 'no-verdict'],
    'What was decided of all; undecided: it was killed before.',
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
};

/** What was decided of one artifact. */
export const judged: Readonly<Record<string, z.ZodType>> = {
  artifact: text('Name of the artifact.'),
  copy: nullable(z.string(), 'Name of its runtime copy, or null.'),
  outcome: word(['run', 'refused', 'no-verdict'], 'Whether the command might start.'),
  verdict,
  state: nullable(state, 'Null where there was one side only.'),
  use: word(['runtime', 'deduplicated', 'reviewed'], 'Whose rows it was to get.'),
};

/** `keydrift.decision/1`. */
export const decision: z.ZodType = z
  .looseObject({
    schema: z.literal('keydrift.decision/1').describe('Name of this schema.'),
    tool,
    startedAt: time('When the run began, UTC.'),
    ...course,
    exitCode: nullable(whole, 'Of keydrift; null while it is open.'),
    retryable: z
      .boolean()
      .describe(
        'Whether the same call may decide otherwise later, with nothing changed by anybody.',
      ),
    error: nullable(error, 'What kept all of it from a verdict.'),
    artifacts: z
      .array(
        z.looseObject({
          ...judged,
          counts,
          url: nullable(z.string(), 'Where the runtime copy is that was judged.').optional(),
          versionId: nullable(
            z.string(),
            'The version of it that was judged: who reads that one reads what was judged.',
          ).optional(),
          sha256: nullable(
            digest,
            'SHA-256 of its bytes, hex; null: they were not read.',
          ).optional(),
          scope: nullable(z.string(), 'What of the copy was judged; null: all of it.'),
          revision: nullable(z.string(), 'Of the copy that is handed over, as --at takes it.'),
          override: nullable(override, 'What lets it run although it drifted.'),
          reason: nullable(z.string(), 'Why it was refused, where findings do not say it.'),
          warnings: z.array(warning).describe('What does not decide, the first 20.'),
          table: table.describe('A table that the command reads where it lies.').optional(),
          handOver: nullable(handOver, 'What is handed over; null: nothing.'),
          error: nullable(error, 'Why there is no verdict.'),
        }),
      )
      .describe('Every artifact of the run.'),
  })
  .meta({
    title: 'keydrift.decision/1',
    description:
      'What keydrift run or gate decided, and how far it came: the line of gate, and --decision FILE. Fields are only ever added under this name.',
  });
