import {
  nearestHint,
  quote,
  type AcceptEntry,
  type ArtifactContract,
  type ColumnWords,
  type KeyColumn,
  type Location,
  type RuntimeCopy,
} from '../model/index.ts';
import { readAccept } from './accept.ts';
import { checkNamed, readColumns, readRenamed, type Columns } from './columns.ts';
import { readCost } from './cost.ts';
import {
  allSaid,
  isCopies,
  said,
  type ArtifactDraft,
  type CopyDraft,
  type Layer,
  type Layers,
  type OverrideDraft,
} from './draft.ts';
import { readTable } from './engines.ts';
import type { ContractFile, Path } from './file.ts';
import { checkName } from './names.ts';
import { readNormalize } from './normalize.ts';
import { hasRefs, readLocation, readReviewed, type Reading } from './places.ts';
import { readAccess } from './access.ts';
import { copyWords } from './vocabulary.ts';
import {
  readEnforceFrom,
  readGrace,
  readLabels,
  readLimits,
  readPolicy,
  readReaders,
  readSilenced,
  readUnits,
} from './words.ts';
import { readCsv, readWritten } from './written.ts';
import { readPut } from './put.ts';

/** What an artifact is read with. */
export interface ArtifactReading {
  readonly reading: Reading;
  readonly defaults: Layers;
  /** Of a glob: names that `cost` may use beside columns. */
  readonly captures?: readonly string[];
  /** Of a glob: what is said of one of its files. */
  readonly override?: { readonly words: OverrideDraft; readonly path: Path };
}

/** An artifact while it is read. */
interface ArtifactWords {
  readonly file: ContractFile;
  readonly draft: ArtifactDraft;
  readonly path: Path;
  readonly reading: Reading;
  /** Its own words, and what it starts from. */
  readonly layers: Layers;
  /** Null: it was reported. */
  readonly reviewed: Location | null;
  readonly columns: Columns;
  /** What it accepts, and where that stands. */
  readonly accepting: { readonly draft: ArtifactDraft['accept']; readonly path: Path };
}

/** One artifact; null where the file lacks what none can do without, which was reported. */
export function readArtifact(
  file: ContractFile,
  name: string,
  draft: ArtifactDraft,
  { reading, defaults, captures = [], override }: ArtifactReading,
): ArtifactContract | null {
  const path: Path = ['artifacts', name];
  const whole = [{ rank: 'artifact', file, words: draft, path } as const, ...defaults];
  const layers: Layers =
    override === undefined
      ? whole
      : [{ rank: 'artifact', file, words: override.words, path: override.path }, ...whole];
  const reach = readAccess(layers, reading);
  // What reaches runtime copies does not reach a reviewed one in git.
  const own = { access: reach.access, unset: [] };
  const { reviewed: place } = draft;
  const ofReviewed: Layers =
    typeof place === 'object'
      ? [{ rank: 'copy', file, words: place, path: [...path, 'reviewed'] }, ...layers]
      : layers;
  const written = readWritten(ofReviewed, reading.forms);
  const at = { reach: isInStore(draft) ? reach : own, path: [...path, 'reviewed'] };
  const isTable = typeof place === 'object' && place.table !== undefined;
  const reviewed = isTable
    ? readTable(file, place, { layers, path: at.path, side: 'reviewed' }, reading)
    : readReviewed(file, place, { ...at, folder: written }, reading);
  const columns = readColumns(layers);
  const csv = readCsv(ofReviewed);
  const csvPath = [...path, 'csv', 'names'];
  checkNamed(file, columns, { names: csv.names ?? null, renamed: new Map(), path: csvPath });
  const normalize = readNormalize(layers, reading.steps);
  readGrace(layers, hasRefs(reviewed, reading.schemes));
  readPut(layers);
  const by = override?.words.accept === undefined ? { words: draft, path } : override;
  const accepting = { draft: by.words.accept, path: [...by.path, 'accept'] };
  const artifact = { file, draft, path, reading, layers, reviewed, columns, accepting };
  const copies = readCopies(artifact);
  const cost = readCost(
    file,
    draft.cost,
    { columns, captures, reach, path: [...path, 'cost'] },
    reading,
  );
  const { path: fromPath, sha256 } = draft.from ?? {};
  const fromAt = { reach: own, path: [...path, 'from', 'path'] };
  const from = fromPath === undefined ? null : readReviewed(file, fromPath, fromAt, reading);
  const accept = acceptOf(artifact, columns.key, copies);
  const enforceFrom = readEnforceFrom(layers);
  const silenced = readSilenced(layers);
  const limits = readLimits(layers, reading.caps);
  const readers = readReaders(layers);
  const redact = readRedact(layers, columns);
  if (reviewed === null) return null;
  return {
    name,
    owner: said(layers, 'owner')?.value ?? null,
    runbook: said(layers, 'runbook')?.value ?? null,
    labels: readLabels(layers),
    reviewed,
    copies: copies.map((copy) => withAccept(artifact, copy)),
    ...columns,
    normalize,
    csv,
    ...(written === null ? {} : { written }),
    policy: readPolicy(layers),
    ...(enforceFrom === null ? {} : { enforceFrom }),
    ...(silenced.size === 0 ? {} : { silenced }),
    ...(limits === null ? {} : { limits }),
    ...(readers === null ? {} : { readers }),
    ...(redact.length === 0 ? {} : { redact }),
    ...(said(layers, 'ordered')?.value === true ? { ordered: true } : {}),
    units: readUnits(layers),
    maxAmplification: said(layers, 'maxAmplification')?.value ?? null,
    accept,
    ...(cost === null ? {} : { cost }),
    ...(from === null || sha256 === undefined ? {} : { from: { location: from, sha256 } }),
  };
}

/** Columns of `redact`, by all who speak: nobody makes seen what another hides. Reports one that is none. */
function readRedact(layers: Layers, { key, consumes, descriptive }: Columns): readonly string[] {
  const redacted = new Set<string>();
  for (const { file, path, value, rank } of allSaid(layers, 'redact')) {
    for (const [at, column] of value.entries()) {
      if (column === undefined) continue;
      const known = [...key.map((one) => one.column), ...(consumes ?? []), ...descriptive];
      const isUnknown = consumes !== null && key.length > 0 && !known.includes(column);
      if (isUnknown && rank === 'defaults') continue;
      redacted.add(column);
      if (!isUnknown) continue;
      const message = `column ${quote(column)} is neither in "key" nor in "consumes"`;
      file.report([...path, at], message, nearestHint(column, known));
    }
  }
  return [...redacted];
}

function isInStore({ reviewed }: ArtifactDraft): boolean {
  return typeof reviewed === 'string' && /^[a-z0-9]+:\/\//.test(reviewed);
}

/** The runtime copies in the file's order, the artifact's words overridden by each copy's. */
function readCopies(artifact: ArtifactWords): readonly RuntimeCopy[] {
  const { file, draft, path } = artifact;
  const { runtime } = draft;
  const at = [...path, 'runtime'];
  if (runtime === undefined) return [];
  if (typeof runtime === 'string') return readCopy(artifact, null, runtime, at);
  const names = file.namesIn(at);
  if (!isCopies(runtime, names)) return readCopy(artifact, null, runtime, at);
  return names.flatMap((name) => {
    const copy = runtime[name];
    checkName(file, [...at, name], name);
    if (copy !== undefined && copyWords.has(name)) {
      const message = `no copy can be called ${quote(name)}: it is a word of a copy`;
      const isPath = names.includes('path');
      const one = 'If this is one copy, say where it is by `url`; `path` is a word of `reviewed`.';
      file.report([...at, name], message, isPath ? one : 'Rename it.');
    }
    return copy === undefined ? [] : readCopy(artifact, name, copy, [...at, name]);
  });
}

/** One copy, or none where its location was reported. */
function readCopy(
  artifact: ArtifactWords,
  name: string | null,
  copy: string | CopyDraft,
  path: Path,
): readonly RuntimeCopy[] {
  const { file, reading, reviewed } = artifact;
  const draft: CopyDraft = typeof copy === 'string' ? { url: copy } : copy;
  const layer: Layer = { rank: 'copy', file, words: draft, path };
  const layers = [layer, ...artifact.layers];
  const at = typeof copy === 'string' ? path : [...path, 'url'];
  const reach = readAccess(layers, reading);
  const written = readWritten(layers, reading.forms);
  const location = locate();
  function locate(): Location | null {
    if (draft.table !== undefined) {
      if (draft.url !== undefined) {
        file.report(at, 'a copy is at a `url` or is a `table`, not both');
      }
      return readTable(file, draft, { layers, path, side: 'runtime' }, reading);
    }
    const place = { side: 'runtime', reach, path: at, folder: written } as const;
    return draft.url === undefined ? null : readLocation(file, draft.url, place, reading);
  }
  if (draft.parts !== undefined && draft.url?.endsWith('/') === false) {
    const message = '"parts" without meaning: the location has no "/" at its end, so it is a file';
    file.report([...path, 'parts'], message, `Write ${quote(`${draft.url}/`)}.`);
  }
  if (draft.ref !== undefined && !hasRefs(reviewed, reading.schemes)) {
    const hint = 'Remove it, or let "reviewed" be a path or git:REF:PATH.';
    const message = 'a ref without meaning: the reviewed copy is not in git';
    file.report([...path, 'ref'], message, hint);
  }
  const own = readOwn(artifact, draft, layers);
  const counted = own ?? artifact.columns;
  const csv = readCsv(layers);
  const columns = readRenamed(file, draft.columns, counted, [...path, 'columns']);
  // What a copy only inherits was checked with the artifact.
  if (draft.csv?.names !== undefined || columns.size > 0 || own !== null) {
    checkNamed(file, counted, { names: csv.names ?? null, renamed: columns, path });
  }
  const limits = readLimits(layers, reading.caps);
  const readers = readReaders(layers);
  const words = {
    name,
    ref: draft.ref ?? null,
    policy: readPolicy(layers),
    grace: readGrace(layers, hasRefs(reviewed, reading.schemes)),
    columns,
    csv,
    ...(written === null ? {} : { written }),
    ...(readers === null ? {} : { readers }),
    ...(said(layers, 'evidence')?.value === 'sha256' ? { evidence: 'sha256' as const } : {}),
    ...(limits === null ? {} : { limits }),
  };
  const put = readPut(layers);
  if (location === null) return [];
  const ownWords = own === null ? {} : { own };
  return [{ ...words, location, ...(put === null ? {} : { put }), ...ownWords }];
}

/** What a copy says of columns in its artifact's place; null: nothing. */
function readOwn({ reading }: ArtifactWords, draft: CopyDraft, layers: Layers): ColumnWords | null {
  const { key, consumes, normalize } = draft;
  if (key === undefined && consumes === undefined && normalize === undefined) return null;
  return { ...readColumns(layers), normalize: readNormalize(layers, reading.steps), accept: [] };
}

/** The entries of `accept` that speak of units of the artifact's own key; reports those of none. */
function acceptOf(
  { file, accepting }: ArtifactWords,
  key: readonly KeyColumn[],
  copies: readonly RuntimeCopy[],
): readonly AcceptEntry[] {
  const others = copies.flatMap(({ own }) => (own === undefined ? [] : [own.key]));
  return readAccept(file, accepting.draft, { key, others }, accepting.path);
}

/** A copy with a key of its own: the entries that speak of its units. */
function withAccept({ file, accepting }: ArtifactWords, copy: RuntimeCopy): RuntimeCopy {
  const { own } = copy;
  if (own === undefined) return copy;
  const keys = { key: own.key, others: 'all' } as const;
  return {
    ...copy,
    own: { ...own, accept: readAccept(file, accepting.draft, keys, accepting.path) },
  };
}
