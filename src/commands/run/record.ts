import type { Sources } from '../../judge/context.ts';
import {
  isFileSide,
  KeydriftError,
  sha256Hex,
  toKeydriftError,
  type Decision,
  type GateDecision,
  type RecordedArtifact,
  type RunRecord,
} from '../../model/index.ts';
import { registriesOf } from '../../judge/registries.ts';
import { openSources } from '../../judge/sources.ts';
import { closeSoon, inTime, startClock } from '../../judge/time.ts';
import type { Course } from './context.ts';
import type { RecordPlace } from './context.ts';

/** Artifacts that one record tells at most, and characters of a location. */
const mostArtifacts = 1000;
const longest = 1024;

/** What is kept of a run; `endedAt` is null while its command is still to end. */
function recordOf(
  decision: Decision,
  decisions: readonly GateDecision[],
  endedAt: Date | null,
): RunRecord {
  const { tool, startedAt, exitCode, enforced, started, command } = decision;
  return {
    schema: 'keydrift.run/1',
    tool,
    startedAt,
    endedAt: endedAt?.toISOString() ?? null,
    decision: decision.decision,
    exitCode: endedAt === null ? null : (exitCode ?? 0),
    enforced,
    started,
    command,
    artifacts: decisions.slice(0, mostArtifacts).map(artifactOf),
  };
}

function artifactOf(decision: GateDecision): RecordedArtifact {
  const { report, outcome, use, revision, override, scope } = decision;
  const { runtime } = report;
  const used = use === 'reviewed' ? report.reviewed : runtime;
  return {
    artifact: report.name,
    copy: report.copy,
    outcome,
    verdict: report.verdict,
    state: report.state,
    use,
    revision: revision?.slice(0, longest) ?? null,
    overridden: override !== null,
    scoped: scope !== null,
    runtime:
      runtime !== null && isFileSide(runtime)
        ? {
            location: runtime.location.slice(0, longest),
            versionId: runtime.revision.facts.versionId ?? null,
            sha256: runtime.sha256,
            rows: runtime.rows,
          }
        : null,
    redundant: used === null ? null : use === 'deduplicated' ? 0 : used.redundant,
  };
}

/** Writes a record under its run's name; what the run wrote there before is replaced. */
async function writeRecord(
  record: RunRecord,
  { folder: { root, prefix }, name }: RecordPlace,
  sources: Sources,
): Promise<void> {
  const location = sources.scheme(root).within?.({ root, prefix }, name);
  const source = await sources.of(root);
  if (location === undefined || source.putContent === undefined) {
    throw new KeydriftError('NOT_SUPPORTED', 'nothing can be recorded there');
  }
  const bytes = Buffer.from(`${JSON.stringify(record)}\n`);
  const content = {
    bytes: bytes.length,
    sha256: sha256Hex(bytes),
    contentType: 'application/json',
    async *open(): AsyncGenerator<Uint8Array> {
      yield bytes;
    },
  };
  await source.putContent(location, content, 'always');
}

/**
 * Keeps what the run read and did: before its command starts, and in the same place at its end. What
 * cannot be kept is told, and changes nothing.
 */
export async function keepRecord(course: Course, moment: 'start' | 'end'): Promise<void> {
  const { context, options, record, decision, decisions } = course;
  if (record === null) return;
  const seconds = registriesOf(context).recordSeconds[moment];
  const clock = startClock(seconds, undefined, '--record');
  // A job may run for hours: connections are not kept for it.
  const sources = openSources(context, options);
  try {
    const kept = recordOf(decision, decisions, moment === 'end' ? context.now() : null);
    await inTime(() => writeRecord(kept, record, sources), clock.signal);
  } catch (thrown) {
    const { code, message } = toKeydriftError(thrown);
    const why = code === 'TIMEOUT' ? `nothing was written within ${seconds} s` : message;
    const told = `the ${moment} of the run is not recorded: ${code}: ${why}`;
    context.tell({ kind: 'warning', code: 'NOT_RECORDED', message: told });
  } finally {
    clock.clear();
    await closeSoon(sources).catch(() => undefined);
  }
}
