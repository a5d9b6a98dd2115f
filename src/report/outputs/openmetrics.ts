import {
  findingKinds,
  severities,
  verdicts,
  type ArtifactReport,
  type Report,
  type Side,
} from '../../model/index.ts';
import { driftedSince } from '../cause.ts';
import { escapeTerminal } from '../escape.ts';
import type { Reporter } from '../reporter.ts';

type Labels = readonly (readonly [name: string, value: string])[];
type Sample = readonly [labels: Labels, value: number];

/** A gauge: its name without `keydrift_`, what it says, and its samples. */
interface Gauge {
  readonly name: string;
  readonly help: string;
  readonly samples: (report: Report) => Iterable<Sample>;
}

const sides = ['reviewed', 'runtime'] as const;

/** Every gauge: the names are documented in docs/outputs.md and stay as they are. */
const gauges: readonly Gauge[] = [
  {
    name: 'run_timestamp_seconds',
    help: 'When the run began, in Unix time.',
    samples: (told) => [[[], seconds(told.startedAt)]],
  },
  {
    name: 'run_duration_seconds',
    help: 'How long the run took.',
    samples: (told) => [[[], told.durationMs / 1000]],
  },
  {
    name: 'run_exit_code',
    help: 'Exit code of the run: 0 in sync, 1 drift, 2 no verdict, 3 both.',
    samples: (told) => [[[], told.exitCode]],
  },
  {
    name: 'run_enforced',
    help: '0 where a flag weakens what the contract enforces.',
    samples: (told) => [[[], Number(told.enforced)]],
  },
  {
    name: 'run_last_success_timestamp_seconds',
    help: 'When the run ended, where every artifact has a verdict.',
    samples: lastSuccess,
  },
  {
    name: 'run_resolved_copies',
    help: 'Copies of which something is resolved since the earlier run, where there was one.',
    samples: ({ transitions }) =>
      transitions === undefined ? [] : [[[], transitions.resolved.length]],
  },
  {
    name: 'artifact_info',
    help: 'Owner, runbook and labels of an artifact; always 1.',
    samples: each(information),
  },
  {
    name: 'artifact_verdict',
    help: '1 for the verdict that the artifact has.',
    samples: each((one) =>
      verdicts.map((verdict) => [[['verdict', verdict]], Number(one.verdict === verdict)]),
    ),
  },
  {
    name: 'artifact_last_success_timestamp_seconds',
    help: 'When the artifact was judged, where it has a verdict.',
    samples: each(({ verdict }, told) => (verdict === 'indeterminate' ? [] : [[[], endOf(told)]])),
  },
  {
    name: 'artifact_findings',
    help: 'Findings by kind, whatever the policy.',
    samples: each(({ counts }) => findingKinds.map((kind) => [[['kind', kind]], counts[kind]])),
  },
  {
    name: 'artifact_findings_by_severity',
    help: 'Findings by severity.',
    samples: each(({ severities: by }) =>
      severities.map((severity) => [[['severity', severity]], by[severity]]),
    ),
  },
  {
    name: 'artifact_findings_new',
    help: 'Listed findings that the earlier run did not have, where there was one.',
    samples: each(({ findings }, { transitions }) =>
      transitions === undefined
        ? []
        : [[[], findings.filter(({ transition }) => transition?.change === 'new').length]],
    ),
  },
  {
    name: 'artifact_warnings',
    help: 'Warnings.',
    samples: each(({ warnings }) => [[[], warnings.length]]),
  },
  ...(['rows', 'units', 'redundant', 'invalid'] as const).map((what): Gauge => ({
    name: `artifact_${what}`,
    help: {
      rows: 'Rows of a copy.',
      units: 'Units of work of a copy.',
      redundant: 'Rows of a copy that repeat a unit.',
      invalid: 'Rows of a copy that are no unit.',
    }[what],
    samples: each((one) => sides.flatMap((side) => sideSample(one, side, (copy) => copy[what]))),
  })),
  {
    name: 'artifact_amplification_ratio',
    help: 'Valid rows by units: how often the average unit runs.',
    samples: each(({ amplification }) => (amplification === null ? [] : [[[], amplification]])),
  },
  {
    name: 'artifact_runtime_modified_timestamp_seconds',
    help: 'When the runtime copy was written.',
    samples: each(({ runtime }) => (runtime === null ? [] : [[[], seconds(runtime.revision.at)]])),
  },
  {
    name: 'artifact_onset_seconds',
    help: 'How long the drift is known to have lasted at the end of the run.',
    samples: each(sinceOnset),
  },
];

/**
 * Gauges for Prometheus's textfile collector, in OpenMetrics, which its older text format takes as
 * well. `copy` is empty where an artifact has one copy.
 */
export const report: Reporter = function* openmetrics(told) {
  for (const { name, help, samples } of gauges) {
    const full = `keydrift_${name}`;
    const unit = /_(seconds|ratio)$/.exec(name)?.[1];
    yield `# TYPE ${full} gauge\n`;
    if (unit !== undefined) yield `# UNIT ${full} ${unit}\n`;
    yield `# HELP ${full} ${help}\n`;
    for (const [labels, value] of samples(told)) {
      const text = labels.map(([label, one]) => `${label}="${escaped(one)}"`).join(',');
      yield `${full}${text === '' ? '' : `{${text}}`} ${value}\n`;
    }
  }
  yield '# EOF\n';
};

/** The samples of every artifact under its name. */
function each(
  of: (artifact: ArtifactReport, report: Report) => Iterable<Sample>,
): Gauge['samples'] {
  return function* samples(told) {
    for (const artifact of told.artifacts) {
      if (artifact.skipped !== undefined) continue;
      const own: Labels = [
        ['artifact', artifact.name],
        ['copy', artifact.copy ?? ''],
      ];
      for (const [labels, value] of of(artifact, told)) yield [[...own, ...labels], value];
    }
  };
}

function sideSample(
  artifact: ArtifactReport,
  side: Side,
  of: (copy: NonNullable<ArtifactReport['runtime']>) => number,
): readonly Sample[] {
  const copy = artifact[side];
  return copy === null ? [] : [[[['side', side]], of(copy)]];
}

function lastSuccess(told: Report): readonly Sample[] {
  const isWhole =
    told.error === null && told.artifacts.every(({ verdict }) => verdict !== 'indeterminate');
  return isWhole ? [[[], endOf(told)]] : [];
}

function sinceOnset(artifact: ArtifactReport, told: Report): readonly Sample[] {
  const since = driftedSince(artifact);
  if (since === null) return [];
  return [
    [[], Math.max(0, Date.parse(told.startedAt) + told.durationMs - Date.parse(since)) / 1000],
  ];
}

/** Label names are words: what else a name holds becomes `_`, and no two become one. */
function information({ owner, runbook, labels, state }: ArtifactReport): readonly Sample[] {
  const told = new Map([
    ['owner', owner ?? ''],
    ['runbook', runbook ?? ''],
    ['state', state ?? ''],
  ]);
  for (const [name, value] of labels) {
    const word = `label_${name.replaceAll(/[^a-zA-Z0-9_]/g, '_')}`;
    let free = word;
    for (let at = 2; told.has(free); at += 1) free = `${word}_${at}`;
    told.set(free, value);
  }
  return [[[...told], 1]];
}

function endOf({ startedAt, durationMs }: Report): number {
  return seconds(startedAt) + durationMs / 1000;
}

function seconds(iso: string): number {
  return Date.parse(iso) / 1000;
}

function escaped(value: string): string {
  return escapeTerminal(value).replaceAll(/[\\"]/g, (one) => `\\${one}`);
}
