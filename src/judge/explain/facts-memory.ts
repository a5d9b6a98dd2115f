import {
  findingKinds,
  sha256Hex,
  type ArtifactContract,
  type EditCounts,
  type FindingCounts,
  type PinnedCopy,
  type PublishedClaim,
  type RuntimeCopy,
  type Side,
} from '../../model/index.ts';
import { noFindings } from '../../compare/index.ts';
import { toEdits } from '../../history/index.ts';

/** What stood on one side at some time. */
export interface Content {
  readonly side: Side;
  /** Names the same bytes each time: a blob, or a version of an object. */
  readonly name: string;
  /** Whether the name means these bytes in every run; a null version can change. */
  readonly lasting: boolean;
  readonly copy: PinnedCopy;
  /** Of a snapshot of a table: pinned when it is to be held against something; else it is pinned. */
  readonly pin?: () => Promise<PinnedCopy>;
}

/** What is kept of a content: digests and counts, no data. */
export interface ContentFacts {
  /** Hex. */
  readonly sha256: string;
  readonly rows: number;
  readonly units: number;
  readonly invalid: number;
  /** Functional digest, hex. */
  readonly digest: string;
}

/**
 * Two contents held against each other; bounds are counted with the rest. `other-columns`: one lacks
 * a column that counts and that the other has; then what both have is compared.
 */
export interface Pair {
  readonly relation: 'identical' | 'equivalent' | 'drifted' | 'unreadable' | 'other-columns';
  /** Null where one of them cannot be read. */
  readonly counts: FindingCounts | null;
  /** What makes the runtime content of the reviewed one; null where one of them cannot be read. */
  readonly edits: EditCounts | null;
  /** The consumed columns that were compared, where they are not all of the contract's; else null. */
  readonly columns: readonly string[] | null;
}

/** What earlier runs left: digests and counts, no data. What it gives is never trusted for a shape. */
export interface FactsFile {
  get(key: string): unknown;
  put(key: string, value: unknown): void;
}

/** What is known of contents without reading them. */
export interface FactsMemory {
  recall(content: Content): ContentFacts | null;
  remember(content: Content, facts: ContentFacts): void;
  /** What a publisher claimed of a version, digests only. */
  recallClaim(content: Content): PublishedClaim | null;
  rememberClaim(content: Content, claim: PublishedClaim | null): void;
  recallPair(reviewed: ContentFacts | null, runtime: ContentFacts | null): Pair | null;
  rememberPair(reviewed: ContentFacts, runtime: ContentFacts, pair: Pair): void;
}

/** Of what is kept; another form has another name. */
const form = 5;

/**
 * Names what an artifact's contents are reduced by: facts of one contract say nothing of another.
 * Hex.
 */
export function factsName(artifact: ArtifactContract, copy: RuntimeCopy): string {
  const { key, consumes, descriptive, normalize, csv, written, units, maxAmplification } = artifact;
  const counted = [key, consumes, descriptive, [...normalize], units, maxAmplification];
  const words = [form, counted, csv, written ?? null];
  const own = [[...copy.columns], copy.csv, copy.written ?? null, copy.readers ?? null];
  return sha256Hex(JSON.stringify([words, own]));
}

/** A memory of this run, and of earlier ones where there is a file. */
export function openFactsMemory(file: FactsFile | null): FactsMemory {
  const names = new Map<string, ContentFacts>();
  const pairs = new Map<string, Pair>();
  return {
    recall(content) {
      const { side, name, lasting } = content;
      const known = names.get(`${side} ${name}`);
      if (known !== undefined || file === null || !lasting) return known ?? null;
      const sha256 = toHash(file.get(`content ${side} ${name}`));
      const facts = sha256 === null ? null : toFacts(sha256, file.get(`facts ${side} ${sha256}`));
      if (facts !== null) names.set(`${side} ${name}`, facts);
      return facts;
    },
    remember({ side, name, lasting }, facts) {
      const { sha256, rows, units, invalid, digest } = facts;
      const known = names.get(`${side} ${name}`);
      names.set(`${side} ${name}`, facts);
      if (!lasting || file === null || known !== undefined) return;
      file.put(`content ${side} ${name}`, sha256);
      file.put(`facts ${side} ${sha256}`, [rows, units, invalid, digest]);
    },
    recallClaim: ({ name }) => toClaim(file?.get(`claim ${name}`)),
    rememberClaim({ name, lasting }, claim) {
      if (lasting && claim !== null) file?.put(`claim ${name}`, claimedDigests(claim));
    },
    recallPair(reviewed, runtime) {
      if (reviewed === null || runtime === null) return null;
      const id = pairId(reviewed, runtime);
      return pairs.get(id) ?? toPair(file?.get(id));
    },
    rememberPair(reviewed, runtime, pair) {
      const id = pairId(reviewed, runtime);
      if (pairs.has(id)) return;
      pairs.set(id, pair);
      const { relation, counts, edits, columns } = pair;
      // Names of columns are data: what rests on them is found anew.
      if (counts === null || edits === null || columns !== null) return;
      const { added, removed, duplicated, conflict, invalid } = edits;
      const list = findingKinds.map((kind) => counts[kind]);
      file?.put(id, [relation, list, [added, removed, duplicated, conflict, invalid]]);
    },
  };
}

function pairId(reviewed: ContentFacts, runtime: ContentFacts): string {
  return `pair ${reviewed.sha256} ${runtime.sha256}`;
}

/** A stranger's words: what is no digest is not kept. */
function claimedDigests({ commit, blob, sha256, digest, contract }: PublishedClaim): unknown {
  return [commit, blob, sha256, digest, contract].map((one) => (isDigest(one) ? one : null));
}

function toClaim(value: unknown): PublishedClaim | null {
  if (!Array.isArray(value) || value.length !== 5) return null;
  const [commit, blob, sha256, digest, contract] = (value as readonly unknown[]).map((one) =>
    isDigest(one) ? one : null,
  ) as readonly (string | null)[];
  return {
    commit: commit ?? null,
    path: null,
    blob: blob ?? null,
    sha256: sha256 ?? null,
    digest: digest ?? null,
    contract: contract ?? null,
  };
}

function isDigest(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{40,64}$/.test(value);
}

function toHash(value: unknown): string | null {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value) ? value : null;
}

function toFacts(sha256: string, value: unknown): ContentFacts | null {
  if (!Array.isArray(value)) return null;
  const [rows, units, invalid, digest] = value as readonly unknown[];
  const hash = toHash(digest);
  if (!isCount(rows) || !isCount(units) || !isCount(invalid) || hash === null) return null;
  return { sha256, rows, units, invalid, digest: hash };
}

function toPair(value: unknown): Pair | null {
  if (!Array.isArray(value)) return null;
  const [relation, list, edited] = value as readonly unknown[];
  if (relation !== 'identical' && relation !== 'equivalent' && relation !== 'drifted') return null;
  if (!Array.isArray(list) || list.length !== findingKinds.length) return null;
  const counts = noFindings();
  for (const [index, kind] of findingKinds.entries()) {
    const count: unknown = list[index];
    if (!isCount(count)) return null;
    counts[kind] = count;
  }
  if (!Array.isArray(edited) || edited.length !== 5 || !edited.every(isCount)) return null;
  const [added = 0, removed = 0, duplicated = 0, conflict = 0, invalid = 0] = edited;
  const edits = toEdits({ added, removed, duplicated, conflict, invalid });
  return { relation, counts, edits, columns: null };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
