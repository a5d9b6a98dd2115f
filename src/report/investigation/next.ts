import type { ArtifactReport, Cells, Investigation } from '../../model/index.ts';
import { copyName } from '../../model/names.ts';
import { isFingerprint } from '../../model/redaction.ts';
import { shellQuote } from '../../model/shell.ts';
import { nameOf, pinnedDiff, repeated } from '../command.ts';

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
  const first = artifact.findings.find(
    ({ key, severity }) => key !== null && severity !== 'ignore',
  );
  const scope = first?.key === undefined || first.key === null ? null : scopeOptions(first.key);
  return scope === null
    ? null
    : `keydrift investigate ${nameOf(artifact)}${scope}${repeated(given, 'investigate')}`;
}

/** A key as `--scope` reads it; null where one of its columns cannot be written there, or is hidden. */
function scopeOptions(key: Cells): string | null {
  if (key.some(([, value]) => value !== null && isFingerprint(value))) return null;
  if (key.some(([column, value]) => value === null || /^$|=/.test(column))) return null;
  return key
    .map(([column, value]) => ` --scope ${shellQuote(`${column}=${csvCell(value ?? '')}`)}`)
    .join('');
}

function csvCell(value: string): string {
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
