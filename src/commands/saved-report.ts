import { resolve } from 'node:path';
import {
  causeKinds,
  commitRevision,
  fileRevision,
  findingKinds,
  KeydriftError,
  objectRevision,
  severities,
  type ArtifactReport,
  type Cells,
  type ChangeReport,
  type Finding,
  type Report,
  type ReportedRow,
  type ReportError,
  type Revision,
  type SideReport,
} from '../model/index.ts';
import { readNamed } from '../sources/index.ts';

/** No report is larger: what is, is none that one reads. */
const mostBytes = 1024 ** 3;

/** The report of a file. Throws `REPORT_UNREADABLE`. */
export async function readSavedReport(file: string, workingDirectory: string): Promise<Report> {
  const path = resolve(workingDirectory, file);
  const refused = (kind: string): KeydriftError => unreadable(file, `it is ${kind}`);
  const bytes = await readNamed(path, refused).catch((cause: unknown) => {
    if (cause instanceof KeydriftError) throw cause;
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'no answer';
    throw unreadable(file, `it cannot be read (${code})`, cause);
  });
  if (bytes.length > mostBytes) throw unreadable(file, 'it has more than 1 GiB');
  return parseSavedReport(bytes.toString('utf8'), file);
}

/**
 * The report that a JSON document tells (SPEC §5). Columns that are called like numbers come first, as
 * everywhere in JSON for JavaScript. Throws `REPORT_UNREADABLE`, naming `file`.
 */
export async function parseSavedReport(text: string, file: string): Promise<Report> {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (cause) {
    throw unreadable(file, 'it is not JSON, or not all of it', cause);
  }
  const schema: unknown =
    typeof data === 'object' && data !== null && 'schema' in data ? data.schema : null;
  if (schema !== 'keydrift.report/1') {
    const found =
      typeof schema === 'string' ? `it is ${schema.slice(0, 60)}` : 'it names no schema';
    throw unreadable(file, `${found}, expected keydrift.report/1`);
  }
  const { report } = await import('../model/schemas/report.ts');
  const parsed = report.safeParse(data, { jitless: true });
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw unreadable(file, `${issue?.path.join('.') || 'it'}: ${issue?.message ?? 'wrong'}`);
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- its schema says so
  const saved = data as SavedReport;
  if (Number.isNaN(Date.parse(saved.startedAt))) throw unreadable(file, 'startedAt: is no time');
  // A side may be one of which a later version knows more: what is read of it is held apart.
  const { claim } = await import('../model/schemas/parts.ts');
  const sides = saved.artifacts.flatMap((one) => [one.reviewed, one.runtime, one.change?.base]);
  if (sides.some((one) => !claim.nullish().safeParse(one?.['claim'], { jitless: true }).success)) {
    throw unreadable(file, 'the claim of a copy is none');
  }
  // As it stands: what the schema makes of it has lost a column that is called __proto__.
  return toReport(saved);
}

function unreadable(file: string, why: string, cause?: unknown): KeydriftError {
  return new KeydriftError('REPORT_UNREADABLE', `${file} is no report: ${why}`, {
    cause,
    hint: { text: 'One is written by', command: 'keydrift audit -o json:FILE' },
  });
}

type SavedCells = Readonly<Record<string, string | null>>;
type SavedRow = Omit<ReportedRow, 'values'> & { readonly values: SavedCells };
type SavedSide = Omit<SideReport, 'revision' | 'parts'> & Readonly<Record<string, unknown>>;
type SavedFinding = Omit<Finding, 'key' | 'rows' | 'respelled' | 'accepted'> & {
  readonly key: SavedCells | null;
  readonly rows: readonly SavedRow[];
  readonly respelled?: SavedCells | null;
  readonly accepted?: Finding['accepted'] | null;
};
type SavedChange = Omit<ChangeReport, 'base' | 'units'> & {
  readonly base: SavedSide | null;
  readonly units: readonly (Omit<
    ChangeReport['units'][number],
    'key' | 'before' | 'after' | 'rows'
  > & {
    readonly rows?: Readonly<Record<'before' | 'after', readonly SavedRow[]>>;
    readonly key: SavedCells;
    readonly before: SavedRow | null;
    readonly after: SavedRow | null;
  })[];
};
type SavedArtifact = Omit<
  ArtifactReport,
  | 'labels'
  | 'reviewed'
  | 'runtime'
  | 'unread'
  | 'findings'
  | 'change'
  | 'skipped'
  | 'contract'
  | 'respelled'
  | 'severities'
  | 'truncated'
> & {
  readonly severities?: ArtifactReport['severities'];
  readonly truncated?: ArtifactReport['truncated'];
  readonly labels: Readonly<Record<string, string>>;
  readonly reviewed: SavedSide | null;
  readonly runtime: SavedSide | null;
  readonly unread?: Readonly<Record<string, unknown>> & { readonly location: string };
  readonly findings: readonly SavedFinding[];
  readonly respelled?: number;
  readonly change?: SavedChange | null;
  readonly skipped?: string | null;
  readonly contract?: ArtifactReport['contract'] | null;
};
type SavedReport = Omit<Report, 'version' | 'artifacts'> & {
  readonly tool: { readonly version: string };
  readonly artifacts: readonly SavedArtifact[];
};

function toReport({ tool, artifacts, error, ...rest }: SavedReport): Report {
  return {
    ...rest,
    version: tool.version,
    error: error && toError(error),
    artifacts: artifacts.map(toArtifact),
  };
}

/** JSON says null of what an error's place does not name. */
function toError({ place, ...error }: ReportError): ReportError {
  const named = Object.entries(place).filter(([, value]) => value !== null);
  return { ...error, place: Object.fromEntries(named) };
}

function toArtifact(saved: SavedArtifact): ArtifactReport {
  const {
    labels,
    reviewed,
    runtime,
    unread,
    findings,
    change,
    skipped,
    contract,
    respelled,
    error,
    cause = null,
    counts,
    severities: by,
    truncated,
    ...rest
  } = saved;
  const listed = severities.map((one) => [
    one,
    findings.filter((of) => of.severity === one).length,
  ]);
  return {
    ...rest,
    // What documents of older versions lack, and the kinds that only later ones know.
    counts: { ...noneOf(findingKinds), ...counts },
    severities: { ...noneOf(severities), ...(by ?? Object.fromEntries(listed)) },
    truncated: truncated ?? null,
    // Of causes that only later versions know nothing is told.
    ...(cause !== null && causeKinds.includes(cause.kind) ? { cause } : {}),
    error: error && toError(error),
    labels: new Map(Object.entries(labels)),
    reviewed: reviewed && toSide(reviewed),
    runtime: runtime && toSide(runtime),
    ...(unread === undefined
      ? {}
      : { unread: { location: unread.location, revision: toRevision(unread) } }),
    findings: findings.map(toFinding),
    respelled: respelled ?? 0,
    change: change === undefined || change === null ? null : toChange(change),
    ...(skipped === undefined || skipped === null ? {} : { skipped }),
    ...(contract === undefined || contract === null ? {} : { contract }),
  };
}

function noneOf<Word extends string>(words: readonly Word[]): Record<Word, number> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a number for each
  return Object.fromEntries(words.map((one) => [one, 0])) as Record<Word, number>;
}

function toSide(saved: SavedSide): SideReport {
  const { location, bytes, sha256, rows, units, redundant, invalid, digest, ...rest } = saved;
  const { claim, changedIn, ...facts } = rest;
  const counted = { bytes, sha256, rows, units, redundant, invalid, digest };
  const told = {
    ...(claim === undefined ? {} : { claim }),
    ...(changedIn === undefined ? {} : { changedIn }),
  };
  return { location, revision: toRevision(facts), ...counted, ...told };
}

/** What pins a copy, by the facts that are told of it. */
function toRevision(facts: Readonly<Record<string, unknown>>): Revision {
  const fact = (name: string): string => {
    const value = facts[name];
    return typeof value === 'string' ? value : '';
  };
  if ('commit' in facts) {
    const [commit, committedAt, blob] = [fact('commit'), fact('committedAt'), fact('blob')];
    const revision = commitRevision({ commit, committedAt, blob });
    if (!('manifest' in facts)) return revision;
    return { ...revision, facts: { manifest: fact('manifest'), ...revision.facts } };
  }
  if ('etag' in facts) {
    const versionId = typeof facts['versionId'] === 'string' ? facts['versionId'] : null;
    return objectRevision({ versionId, etag: fact('etag'), lastModified: fact('lastModified') });
  }
  const digest = fact('partsDigest');
  const revision = fileRevision(fact('modifiedAt'));
  if (digest === '') return revision;
  const short = `parts ${digest.slice(0, 8)}`;
  return { ...revision, facts: { partsDigest: digest, ...revision.facts }, short };
}

function toFinding({ key, rows, respelled, accepted, ...rest }: SavedFinding): Finding {
  return {
    ...rest,
    key: key && toCells(key),
    rows: rows.map(toRow),
    respelled: respelled === undefined || respelled === null ? null : toCells(respelled),
    ...(accepted === undefined || accepted === null ? {} : { accepted }),
  };
}

function toChange({ base, units, ...rest }: SavedChange): ChangeReport {
  return {
    ...rest,
    base: base && toSide(base),
    units: units.map(({ key, before, after, rows, ...unit }) => ({
      ...unit,
      ...(rows === undefined
        ? {}
        : { rows: { before: rows.before.map(toRow), after: rows.after.map(toRow) } }),
      key: toCells(key),
      before: before && toRow(before),
      after: after && toRow(after),
    })),
  };
}

function toRow({ values, ...rest }: SavedRow): ReportedRow {
  return { ...rest, values: toCells(values) };
}

function toCells(cells: SavedCells): Cells {
  return Object.entries(cells);
}
