import * as z from 'zod';
import {
  count,
  counts,
  error,
  fromEnvironment,
  nullable,
  state,
  text,
  time,
  verdict,
  warning,
  whole,
  word,
} from './parts.ts';
import { finding, sideReport } from './report.ts';

/** What is said of an override, a table and a copy that are handed over, wherever a gate tells it. */
export const override: z.ZodObject = z.looseObject({ reason: z.string(), at: z.string() });
export const table: z.ZodObject = z.looseObject({
  name: text('As its engine calls it.'),
  snapshot: nullable(z.string(), 'What pins it; null: its files do.'),
});
export const handOver: z.ZodObject = z.looseObject({
  bytes: count('Its length.'),
  sha256: text('SHA-256 of its bytes, hex; of a folder, of what sha256sum prints of its files.'),
  parts: count('How many files it is, where it is a folder.').optional(),
  dropped: count('Redundant rows that were left out.'),
  url: nullable(z.string(), 'Where the same bytes were staged.'),
  urlVersion: nullable(z.string(), 'VersionId of what was staged.').optional(),
});

/** A line of the JSON log of `run`: what is there depends on the event. */
export const gate: z.ZodType = z
  .looseObject({
    time: time('When it was said, UTC.'),
    tool: z.literal('keydrift'),
    version: text('Version of keydrift.'),
    level: word(['info', 'warn', 'error'], 'How loud it is.'),
    event: word(
      ['artifact', 'not-started', 'error', 'warning', 'command-failed', 'start', 'end', 'signal'],
      'What happened: artifact: it was judged. not-started: a refusal or no verdict, and its exit code. error: a fault of the whole. warning. command-failed: it could not be run. start and end: of the command. signal: one ended the judging.',
    ),
    exitCode: count('Of keydrift, or of the command that ended.').optional(),
    message: text('Of a warning, or of a command that failed.').optional(),
    code: text('Of a warning.').optional(),
    command: text('The program that is started.').optional(),
    signal: nullable(z.string(), 'What ended the command, or the judging.').optional(),
    durationMs: z.number().min(0).describe('How long the command ran.').optional(),
    artifacts: z
      .array(z.unknown())
      .describe('Of start: names. Of end: artifact, outcome and revision of each.')
      .optional(),
    observed: z
      .boolean()
      .describe('Under --observe: the command is started whatever the outcome is.')
      .optional(),
    fromEnvironment,
    artifact: text('Name of the artifact.').optional(),
    copy: nullable(z.string(), 'Name of its runtime copy, or null.').optional(),
    owner: nullable(z.string(), 'Owner, from the contract.').optional(),
    runbook: nullable(z.string(), 'Runbook, from the contract.').optional(),
    outcome: word(
      ['run', 'refused', 'no-verdict'],
      'Whether the command may start because of it.',
    ).optional(),
    verdict: verdict.optional(),
    state: nullable(state, 'The fact about the runtime copy.').optional(),
    enforced: z
      .boolean()
      .describe('False where a flag lets it run although it drifted.')
      .optional(),
    rows: nullable(whole, 'Of the runtime copy.').optional(),
    units: nullable(whole, 'Of the runtime copy.').optional(),
    redundant: nullable(whole, 'Of the runtime copy.').optional(),
    invalid: nullable(whole, 'Of the runtime copy.').optional(),
    revision: nullable(z.string(), 'Of the copy that is handed over.').optional(),
    use: word(['runtime', 'deduplicated', 'reviewed'], 'Whose rows are handed over.').optional(),
    scope: nullable(z.string(), 'What of the copy was judged; null: all of it.').optional(),
    counts: counts.optional(),
    findings: z
      .array(finding)
      .describe('The first of each kind, where it does not run.')
      .optional(),
    reviewed: nullable(sideReport, 'The reviewed copy.').optional(),
    runtime: nullable(sideReport, 'The runtime copy.').optional(),
    override: nullable(override, 'What lets it run although it drifted.').optional(),
    table: nullable(table, 'A table that the command reads where it lies.').optional(),
    handOver: nullable(
      handOver.extend({ path: text('The file that the command reads.') }),
      'What is handed over.',
    ).optional(),
    warnings: z.array(warning).optional(),
    reason: nullable(z.string(), 'Why it was refused, where findings do not say it.').optional(),
    overrideCommand: text('Of a refusal: what would let exactly this revision run.').optional(),
    error: nullable(error, 'Why there is no verdict.').optional(),
  })
  .meta({
    title: 'keydrift.gate/1',
    description:
      'A line of what keydrift run logs as JSON. Fields and events are only ever added: read what you know, and let the rest be.',
  });
