import type { ArtifactContract, S3Access, Schemes, StepShape, UnitBounds } from '../model/index.ts';
import { readAccept } from './accept.ts';
import { readCost } from './cost.ts';
import { checkNamed, readColumns } from './columns.ts';
import { readCsv } from './csv.ts';
import type { ArtifactDraft } from './draft.ts';
import type { ContractFile } from './file.ts';
import { readGrace } from './grace.ts';
import { readNormalize } from './normalize.ts';
import type { Path } from './path.ts';
import { readPolicy } from './policy.ts';
import { readPut } from './put.ts';
import { readReviewed } from './reviewed.ts';
import { readRuntime } from './runtime.ts';

/** What artifacts are read with. */
export interface ReadingOptions {
  /** Absolute: the contract's own. */
  readonly directory: string;
  readonly steps: readonly StepShape[];
  readonly access: S3Access;
  readonly schemes: Schemes;
}

/** One artifact; null where the file lacks what none can do without, which was reported. */
export function readArtifact(
  file: ContractFile,
  name: string,
  draft: ArtifactDraft,
  options: ReadingOptions,
): ArtifactContract | null {
  const path: Path = ['artifacts', name];
  const { directory, access, schemes } = options;
  const location = { side: 'reviewed', directory, access, schemes } as const;
  const reviewed = readReviewed(file, draft.reviewed, location, [...path, 'reviewed']);
  const columns = readColumns(file, draft, path);
  const csv = readCsv(file, draft.csv, {}, [...path, 'csv']);
  const csvPath = [...path, 'csv', 'names'];
  checkNamed(file, columns, { names: csv.names ?? null, renamed: new Map(), path: csvPath });
  const normalize = readNormalize(file, draft.normalize, options.steps, [...path, 'normalize']);
  const units = readUnits(file, draft.units, [...path, 'units']);
  const grace = readGrace(file, draft.grace, { reviewed, schemes }, [...path, 'grace']);
  const put = readPut(file, draft.put, null, [...path, 'put']);
  const place = { directory, access, schemes };
  const words = { draft, reviewed, columns, csv, put, ...place, grace: grace ?? 0 };
  const copies = readRuntime(file, words, [...path, 'runtime']);
  const cost = readCost(file, draft.cost, { columns, access, schemes, path: [...path, 'cost'] });
  const accept = readAccept(file, draft.accept, columns.key, [...path, 'accept']);
  if (reviewed === null) return null;
  return {
    name,
    owner: draft.owner ?? null,
    runbook: draft.runbook ?? null,
    labels: readLabels(file, draft.labels, [...path, 'labels']),
    reviewed,
    copies,
    ...columns,
    normalize,
    csv,
    policy: readPolicy(draft.policy),
    units,
    maxAmplification: draft.maxAmplification ?? null,
    accept,
    ...(cost === null ? {} : { cost }),
  };
}

/** A copy with no unit schedules nothing, and that is drift: `min` is 1 where nothing is said. */
function readUnits(file: ContractFile, draft: ArtifactDraft['units'], path: Path): UnitBounds {
  const min = draft?.min ?? 1;
  const max = draft?.max ?? null;
  if (max !== null && max < min && !file.isReported(path)) {
    const said = draft?.min === undefined ? ' (the default)' : '';
    file.report([...path, 'max'], `"max" ${max} is less than "min" ${min}${said}`);
  }
  return { min, max };
}

function readLabels(
  file: ContractFile,
  draft: ArtifactDraft['labels'],
  path: Path,
): ReadonlyMap<string, string> {
  const labels = new Map<string, string>();
  for (const name of file.namesIn(path)) {
    const value = draft?.[name];
    if (value !== undefined) labels.set(name, value);
  }
  return labels;
}
