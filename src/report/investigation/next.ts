import type {
  Step,
  ArtifactReport,
  Cells,
  Finding,
  Investigation,
  Severity,
} from '../../model/index.ts';
import { copyName } from '../../model/names.ts';
import { csvCell, shellQuote } from '../../model/quoting.ts';
import { isFingerprint } from '../../model/redaction.ts';
import { commandLines, indented } from '../command-lines.ts';
import { nameOf, pinnedDiff, repeated } from '../command.ts';
import { escapeTerminal } from '../escape.ts';
import type { TextContext } from '../text-context.ts';
import { indent } from '../text-keys.ts';
import { wrap } from '../width.ts';

/** What one would type next: the story of the first slice that drifts, then its copies compared. */
export function nextCommands({ artifact, slice, given }: Investigation): readonly string[] {
  if (artifact === null || artifact.verdict === 'in-sync') return [];
  const commands = [
    slice === null ? sliceCommand(artifact, given) : null,
    pinnedDiff(artifact, given, copyName(artifact.name, artifact.copy)),
  ];
  return commands.filter((command) => command !== null);
}

function sliceCommand(artifact: ArtifactReport, given: Investigation['given']): string | null {
  const key = worstKey(artifact);
  const scope = key === null ? null : scopeOptions(key);
  return scope === null
    ? null
    : `keydrift investigate ${nameOf(artifact)}${scope}${repeated(given, 'investigate')}`;
}

const weights: Readonly<Record<Severity, number>> = {
  fail: 0,
  pending: 1,
  warn: 2,
  accepted: 3,
  ignore: 4,
};

/** The unit that is asked about first: what fails before what is excused, then the most rows too many or lacking. */
function worstKey({ findings }: ArtifactReport): Cells | null {
  let worst: Finding | null = null;
  for (const one of findings) {
    if (one.key === null || one.severity === 'ignore') continue;
    if (worst === null || isWorse(one, worst)) worst = one;
  }
  return worst?.key ?? null;
}

function isWorse(one: Finding, other: Finding): boolean {
  const less = weights[one.severity] - weights[other.severity];
  return less === 0 ? apart(one) > apart(other) : less < 0;
}

/** How many rows of a unit one copy has and the other has not; what repeats in both is no less. */
function apart({ rowCount: { reviewed, runtime } }: Finding): number {
  return Math.max(Math.abs(runtime - reviewed), runtime - 1);
}

/** A key as `--scope` reads it; null where one of its columns cannot be written there, or is hidden. */
function scopeOptions(key: Cells): string | null {
  if (key.some(([, value]) => value !== null && isFingerprint(value))) return null;
  if (key.some(([column, value]) => value === null || /^$|=/.test(column))) return null;
  return key
    .map(([column, value]) => ` --scope ${shellQuote(`${column}=${csvCell(value ?? '')}`)}`)
    .join('');
}

/** What to do: each way out as a sentence, and its commands whole, to be pasted. */
export function stepLines(
  steps: readonly Step[],
  { width, paint, commands: how }: TextContext,
): readonly string[] {
  if (steps.length === 0) return [];
  const told = steps.flatMap(({ text, commands }) => [
    ...wrap(`- ${escapeTerminal(text)}`, width - indent.length, indent.length),
    ...commands.flatMap((command) =>
      commandLines(indent + indent, command, {
        width: width - indent.length,
        commands: how,
        words: 'cut',
      }),
    ),
  ]);
  return [paint('bold', 'what to do'), ...told.map(indented)];
}
