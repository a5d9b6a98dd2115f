import { type Io, version } from '../../io/io.ts';
import { reportError } from '../../judge/artifact-report.ts';
import { gateCodeOf, gateCodes } from '../../judge/exit-code.ts';
import type {
  DecidedArtifact,
  Decision,
  GateDecision,
  KeydriftError,
  ReportError,
} from '../../model/index.ts';
import { asciiJson, ownWords, valueOf } from '../log.ts';
import { writeFiles } from '../output.ts';

/** A decision that nobody has made yet. */
export function undecided(by: string, startedAt: Date): Decision {
  return {
    schema: 'keydrift.decision/1',
    tool: { name: 'keydrift', version: by },
    startedAt: startedAt.toISOString(),
    decision: 'undecided',
    exitCode: null,
    retryable: false,
    enforced: true,
    started: false,
    command: null,
    error: null,
    artifacts: [],
  };
}

/** What is decided where an error of the whole ends it with `code`, a gate's. */
export function failedWhole(before: Decision, error: ReportError, code: number): Decision {
  const decision = code === gateCodes.refused ? 'refused' : 'no-verdict';
  return { ...before, decision, retryable: code === gateCodes.retry, error };
}

/** What is decided by what is decided of each artifact; `code` of a refusal, null where it runs. */
export function decided(
  before: Decision,
  decisions: readonly GateDecision[],
  code: number | null,
): Decision {
  return {
    ...before,
    decision: code === null ? 'run' : code === gateCodes.refused ? 'refused' : 'no-verdict',
    retryable: code === gateCodes.retry,
    enforced: decisions.every(({ enforced }) => enforced),
    artifacts: decisions.map(toArtifact),
  };
}

/** Warnings of an artifact that are told: one line holds all. */
const mostWarnings = 20;

function toArtifact(decision: GateDecision): DecidedArtifact {
  const { report, outcome, use, scope, revision, override, reason } = decision;
  const { name, copy, verdict, state, counts, runtime, error, unread } = report;
  let handOver: DecidedArtifact['handOver'] = null;
  if (decision.handOver !== null) {
    const { path: _, ...told } = decision.handOver;
    handOver = told;
  }
  return {
    artifact: name,
    copy,
    outcome,
    verdict,
    state,
    counts,
    url: (runtime ?? unread)?.location ?? null,
    versionId: (runtime ?? unread)?.revision.facts.versionId ?? null,
    sha256: runtime?.sha256 ?? null,
    use,
    scope,
    revision,
    override,
    reason,
    warnings: report.warnings.slice(0, mostWarnings),
    handOver,
    ...(decision.table === undefined ? {} : { table: decision.table }),
    error,
  };
}

/**
 * What an error that comes before anything is judged decides: the line of a gate, and the file of
 * `--decision`, which would tell of an earlier run.
 */
export async function answerRunError(io: Io, error: KeydriftError): Promise<void> {
  const exitCode = gateCodeOf(error.code);
  const failed = failedWhole(undecided(version, io.now()), reportError(error), exitCode);
  const line = `${asciiJson({ ...failed, exitCode })}\n`;
  const own = ownWords(io);
  const file = valueOf('--decision', own);
  if (file !== undefined) await writeFiles(io, [{ file, tell: () => [line] }]);
  if (own[0] === 'gate') await io.stdout.write(line);
}
