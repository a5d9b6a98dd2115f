import { environmentName } from '../../contract/names.ts';
import type { ChosenCopy } from '../../judge/choose.ts';
import { weakenedBy } from '../../judge/enforcement.ts';
import { gateCodeOf, gateCodes } from '../../judge/exit-code.ts';
import {
  namesRevision,
  revisionWord,
  type GateDecision,
  type GivenOption,
  type HandedTable,
  type NotEnforced,
  type Override,
  type PinnedCopy,
  type Redaction,
} from '../../model/index.ts';
import type { Asked } from '../situation.ts';
import { typedCommand } from './child-command.ts';
import type { RunOptions } from './context.ts';
import type { JudgedCopy } from './judge-run.ts';

/** Whether a command may have this copy. Without a verdict it never may, whatever else is said. */
export function decide(judged: JudgedCopy, options: RunOptions): GateDecision {
  const { report, spooled, table, scope } = judged;
  const revision =
    spooled === null
      ? table && revisionWord(table.revision, '')
      : revisionWord(spooled.copy.revision, spooled.file.sha256);
  const base = {
    report,
    observed: options.observe,
    fromEnvironment: options.fromEnvironment,
    use: options.use,
    revision,
    enforced: weakenedHere(judged.chosen, options) === null && !options.observe,
    override: null,
    scope: scope?.shown ?? null,
    reason: null,
    handOver: null,
    ...(table === null ? {} : { table: handedTable(table) }),
  };
  if (report.verdict === 'indeterminate') return { ...base, outcome: 'no-verdict' };
  const lacking = whatLacks(judged, options);
  if (lacking !== null) return { ...base, outcome: 'refused', reason: lacking };
  if (report.verdict === 'in-sync') return { ...base, outcome: 'run' };
  const name = environmentName(report.name);
  const given = [
    { override: options.override, by: '--at' },
    { override: options.overrides.get(name) ?? null, by: `KEYDRIFT_OVERRIDE_${name}:` },
  ];
  const fits = (at: string): boolean => revision !== null && namesRevision(at, revision);
  const override = given.find((one) => one.override !== null && fits(one.override.at))?.override;
  if (override !== undefined && override !== null)
    return { ...base, outcome: 'run', override, enforced: false };
  if (!options.enforced) return { ...base, outcome: 'run' };
  return { ...base, outcome: 'refused', reason: otherRevision(given, revision) };
}

/** What the run was asked for, as its own commands may repeat it. */
export function askedOf(
  { chosen }: JudgedCopy,
  { command, names, given }: RunOptions,
): Omit<Asked, 'together' | 'cuttable' | 'spelling'> {
  return {
    command: command === null ? 'gate' : 'run',
    names,
    given: withoutSecrets(given, chosen.artifact.redaction),
    typed: chosen.artifact.redaction === undefined ? typedCommand(command ?? []) : null,
  };
}

/** Options as they may be told: a slice of a redacted column is for the reader to write. */
function withoutSecrets(
  given: readonly GivenOption[],
  redaction: Redaction | undefined,
): readonly GivenOption[] {
  if (redaction === undefined) return given;
  return given.map(([name, value]) => {
    if (name !== 'scope' || value === null) return [name, value];
    const column = value.slice(0, value.indexOf('='));
    const isOpen = !column.startsWith('"') && !redaction.columns.has(column);
    return [name, isOpen ? value : `${column}=VALUE`];
  });
}

function handedTable({ location, revision }: PinnedCopy): HandedTable {
  return {
    name: location.replace(/^table:[^:]*:/, ''),
    snapshot: revision.facts['snapshot'] ?? null,
  };
}

/** What the flags of a run let pass of a copy, and the contract would not; null: nothing. */
export function weakenedHere(
  { artifact, copy }: ChosenCopy,
  options: RunOptions,
): NotEnforced | null {
  return weakenedBy({ artifact: artifact.name, copy: copy.name }, copy.policy, options);
}

/** What of the overrides is to be told, each by what said it; null: there is none. */
function otherRevision(
  given: readonly { readonly override: Override | null; readonly by: string }[],
  revision: string | null,
): string | null {
  const told = given.flatMap(({ override, by }) =>
    override === null ? [] : [`${by} ${override.at} is another revision than ${revision}`],
  );
  return told.length === 0 ? null : told.join('; ');
}

/** Why there is nothing that could be handed over, or null. Neither flag nor policy helps. */
function whatLacks(
  { report, spooled, table, scanned }: JudgedCopy,
  { use, scope }: RunOptions,
): string | null {
  const side = use === 'reviewed' ? 'reviewed' : 'runtime';
  if (spooled === null && table === null) return `there is no ${side} copy to hand over`;
  const chosenRows = use === 'deduplicated' || scope.length > 0;
  if (chosenRows && scanned === null) return `the rows of the ${side} copy cannot be read`;
  if (use === 'deduplicated' && report.counts.conflict > 0) {
    const conflicts = report.findings.filter(({ kind }) => kind === 'conflict');
    // A run that leaves nothing out has nothing to choose: it warns of what is wrong in git alone.
    if (
      conflicts.length === report.counts.conflict &&
      conflicts.every((one) => one.side === 'reviewed')
    )
      return 'rows of one unit disagree in the reviewed copy, and --use deduplicated refuses where any do; a run without it only warns of that';
    return conflicts.some((one) => one.side !== 'across')
      ? 'rows of one unit disagree, and --use deduplicated does not choose between them'
      : 'a unit has other values than reviewed, and --use deduplicated leaves out repeated rows alone; --use reviewed runs those of git';
  }
  return null;
}

/**
 * The answer of a run that starts nothing, or null. With several the least retryable: drift is
 * final, whatever else could not be established, and so is a fault that lasts.
 */
export function refusalCode(decisions: readonly GateDecision[]): number | null {
  if (decisions.some(({ outcome }) => outcome === 'refused')) return gateCodes.refused;
  const codes = decisions
    .filter(({ outcome }) => outcome === 'no-verdict')
    .map(({ report }) => gateCodeOf(report.error?.code ?? 'INTERNAL'));
  return codes.length === 0 ? null : Math.min(...codes);
}
