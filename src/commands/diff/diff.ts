import { failOn, strictPolicy } from '../../compare/index.ts';
import { parseLocation } from '../../contract/location.ts';
import type { ArtifactContract, Location, Report, RuntimeCopy } from '../../model/index.ts';
import type { AppContext } from '../../judge/context.ts';
import { judgeInTime } from '../../judge/in-time.ts';
import type { JudgeOptions } from '../../judge/options.ts';
import { registriesOf } from '../../judge/registries.ts';
import { reportRun } from '../../judge/report.ts';
import { openSources } from '../../judge/sources.ts';
import { closeSoon } from '../../judge/time.ts';

export interface DiffOptions extends JudgeOptions {
  readonly reviewed: string;
  readonly runtime: string;
  /** Key columns, at least one. */
  readonly key: readonly string[];
  /** Null: every column but the key and the descriptive ones. */
  readonly consumes: readonly string[] | null;
  readonly descriptive: readonly string[];
}

/** `keydrift diff`: two locations, no contract. */
export function diff(context: AppContext, options: DiffOptions): Promise<Report> {
  return reportRun('diff', context, options.enforced, async () => {
    const reading = {
      directory: context.workingDirectory,
      namedBy: 'person',
      access: options.access,
      schemes: registriesOf(context).schemes,
    } as const;
    const reviewed = parseLocation(options.reviewed, { side: 'reviewed', ...reading });
    const runtime = parseLocation(options.runtime, { side: 'runtime', ...reading });
    const sources = openSources(context, options);
    try {
      const name = sources.scheme(runtime).nameOf(runtime);
      const { formats } = registriesOf(context);
      const artifact = { ...implicitContract(name, options, reviewed, runtime), formats };
      const judging = { now: context.now(), acceptance: 'apply' } as const;
      const limit = { seconds: options.timeout ?? null, stop: context.stop };
      return [(await judgeInTime(artifact, artifact.copies[0], sources, judging, limit)).report];
    } finally {
      await closeSoon(sources);
    }
  });
}

/** What the options say, as a contract: every kind fails, and an empty list is drift. */
function implicitContract(
  name: string,
  options: DiffOptions,
  reviewed: Location,
  runtime: Location,
): ArtifactContract & { readonly copies: readonly [RuntimeCopy] } {
  const { maxFindings: findings = null } = options;
  const policy = options.failOn === null ? strictPolicy : failOn(strictPolicy, options.failOn);
  return {
    name,
    owner: null,
    runbook: null,
    labels: new Map(),
    reviewed,
    copies: [
      { name: null, location: runtime, ref: null, policy, grace: 0, columns: new Map(), csv: {} },
    ],
    key: options.key.map((column) => ({ column, optional: false })),
    consumes: options.consumes,
    descriptive: options.descriptive,
    normalize: new Map(),
    csv: {},
    policy,
    units: { min: 1, max: null },
    maxAmplification: null,
    accept: [],
    limits: findings === null ? {} : { findings },
  };
}
