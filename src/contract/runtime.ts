import type {
  CsvOptions,
  Location,
  PutOptions,
  RuntimeCopy,
  S3Access,
  Schemes,
} from '../model/index.ts';
import { readCsv } from './csv.ts';
import { checkNamed, readRenamed, type Columns } from './columns.ts';
import { isOneCopy, type ArtifactDraft, type CopyDraft } from './draft.ts';
import type { ContractFile } from './file.ts';
import { hasRefs, readGrace } from './grace.ts';
import { checkName } from './names.ts';
import type { Path } from './path.ts';
import { readPolicy } from './policy.ts';
import { readPut } from './put.ts';
import { readLocation } from './reviewed.ts';

/** What an artifact says of all its copies. */
export interface ArtifactWords {
  readonly draft: ArtifactDraft;
  /** Null: it was reported. */
  readonly reviewed: Location | null;
  readonly columns: Columns;
  readonly csv: CsvOptions;
  readonly put: PutOptions | null;
  readonly directory: string;
  readonly schemes: Schemes;
  /** From flags and the environment: it wins over what a copy says. */
  readonly access: S3Access;
  /** Seconds. */
  readonly grace: number;
}

/** The runtime copies in the file's order, the artifact's words overridden by each copy's. */
export function readRuntime(
  file: ContractFile,
  artifact: ArtifactWords,
  path: Path,
): readonly RuntimeCopy[] {
  const draft = artifact.draft.runtime;
  if (draft === undefined) return [];
  if (typeof draft === 'string') return readCopy(file, artifact, null, draft, path);
  if (isOneCopy(draft)) return readCopy(file, artifact, null, draft, path);
  return file.namesIn(path).flatMap((name) => {
    const at = [...path, name];
    checkName(file, at, name);
    const copy = draft[name];
    return copy === undefined ? [] : readCopy(file, artifact, name, copy, at);
  });
}

/** One copy, or none where its location was reported. */
function readCopy(
  file: ContractFile,
  artifact: ArtifactWords,
  name: string | null,
  copy: string | CopyDraft,
  path: Path,
): readonly RuntimeCopy[] {
  const draft = typeof copy === 'string' ? { url: copy } : copy;
  const access = mergeAccess(artifact.access, draft);
  const at = typeof copy === 'string' ? path : [...path, 'url'];
  const url = typeof draft.url === 'string' ? draft.url : undefined;
  const location = readLocation(
    file,
    url,
    { side: 'runtime', directory: artifact.directory, access, schemes: artifact.schemes },
    at,
  );
  const { reviewed, schemes } = artifact;
  if (draft.ref !== undefined && reviewed !== null && !hasRefs(reviewed, schemes)) {
    const hint = 'Remove it, or let "reviewed" be a path or git:REF:PATH.';
    file.report([...path, 'ref'], 'a ref without meaning: the reviewed copy is not in git', hint);
  }
  const grace = readGrace(file, draft.grace, artifact, [...path, 'grace']);
  const columnsPath = [...path, 'columns'];
  const csv = readCsv(file, draft.csv, artifact.csv, [...path, 'csv']);
  const columns = readRenamed(file, draft.columns, artifact.columns, columnsPath);
  // What a copy only inherits was checked with the artifact.
  if (csv.names !== artifact.csv.names || columns.size > 0) {
    checkNamed(file, artifact.columns, { names: csv.names ?? null, renamed: columns, path });
  }
  const put = readPut(file, draft.put, artifact.put, [...path, 'put']);
  if (location === null) return [];
  const policy = readPolicy(draft.policy, artifact.draft.policy);
  const ref = draft.ref ?? null;
  const words = { name, location, ref, policy, grace: grace ?? artifact.grace, columns, csv };
  return [put === null ? words : { ...words, put }];
}

/** Flag and environment before the contract; `anonymous` where either says so. */
function mergeAccess(access: S3Access, draft: CopyDraft): S3Access {
  return {
    endpoint: access.endpoint ?? draft.endpoint ?? null,
    region: access.region ?? draft.region ?? null,
    profile: access.profile ?? draft.profile ?? null,
    expectedOwner: access.expectedOwner ?? draft.expectedOwner ?? null,
    anonymous: access.anonymous || draft.anonymous === true,
  };
}
