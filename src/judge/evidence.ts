import type { FactsCache } from '../sources/facts/cache.ts';
import type { FactsFile } from '../sources/facts/file.ts';
import {
  KeydriftError,
  sha256Hex,
  sha256Of,
  type ArtifactContract,
  type FileSideReport,
  type PinnedCopy,
  type RuntimeCopy,
  type SideReport,
} from '../model/index.ts';
import { claimReport, copyWarnings } from './claim.ts';
import { pinOrAbsent, releaseCopies, reviewedPurpose } from './copies.ts';
import type { Judgement } from './artifact-report.ts';
import type { Lag } from './grace.ts';
import { forgetKept, keepSmall } from './memory.ts';
import { reviewedRequest, runtimeRequest } from './request.ts';
import { fileReport } from './scan.ts';
import { misspelledWarnings } from './misspelled.ts';
import { plainMap, readJustSo } from './twin.ts';

/** Reviewed files that hold their contracts, and have nothing to be told of them, by earlier runs. */
export interface SoundFiles {
  /** What is known of a blob under a contract's name; null: nothing. */
  recall(contract: string, blob: string): Promise<SoundFile | null>;
  remember(contract: string, blob: string, file: SoundFile): Promise<void>;
  close(): Promise<unknown>;
}

/** A reviewed file without a finding or a warning. */
export type SoundFile = Pick<FileSideReport, 'bytes' | 'sha256' | 'rows' | 'units' | 'digest'>;

/** Of what is kept; another form has another name. */
const form = 1;

/** What earlier runs know, in the cache of a directory; null: nothing is kept. */
export function openSoundFiles(directory: string | null, version: string): SoundFiles {
  let opened: Promise<FactsCache> | null = null;
  const open = async (): Promise<FactsCache> => {
    const { openFactsCache } = await import('../sources/facts/cache.ts');
    return openFactsCache(directory);
  };
  const named = async (contract: string): Promise<FactsFile> => {
    const cache = await (opened ??= open());
    return cache.load(sha256Hex(JSON.stringify(['sound', form, version, contract])));
  };
  return {
    async recall(contract, blob) {
      return toSoundFile((await named(contract)).get(blob));
    },
    async remember(contract, blob, { bytes, sha256, rows, units, digest }) {
      (await named(contract)).put(blob, [bytes, sha256, rows, units, digest]);
    },
    close: async () => (await opened)?.close(),
  };
}

/** Whatever stands in the cache is data of a stranger. */
function toSoundFile(value: unknown): SoundFile | null {
  if (!Array.isArray(value)) return null;
  const [bytes, sha256, rows, units, digest] = value as readonly unknown[];
  const counts = [bytes, rows, units].every((one) => Number.isSafeInteger(one) && Number(one) >= 0);
  if (!counts || !isHash(sha256) || !isHash(digest)) return null;
  return { bytes: Number(bytes), sha256, rows: Number(rows), units: Number(units), digest };
}

function isHash(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
}

/** What the store's own SHA-256 of a runtime copy establishes. */
export interface Established {
  readonly judgement: Judgement;
  readonly runtime: PinnedCopy;
}

/** Judges two copies whose bytes are at hand. */
export type JudgePair = (reviewed: PinnedCopy, runtime: PinnedCopy) => Promise<Judgement>;

/**
 * `evidence: sha256` (SPEC §3): a copy whose bytes the store itself has hashed, whole, to those of the
 * reviewed file is identical to it, and is not read. Null where that is not so: then its bytes decide.
 */
export async function judgeByHash(
  { artifact, copy, reviewed: location, sources }: Lag,
  sound: SoundFiles | null,
  judge: JudgePair,
): Promise<Established | null> {
  if (copy.evidence !== 'sha256' || copy.own !== undefined) return null;
  const runtime = await pinOrAbsent(copy.location, 'runtime', sources, 'revision');
  if (runtime instanceof KeydriftError) return null;
  const { storedSha256: stored = null } = runtime;
  if (stored === null) return null;
  const reviewed = await pinOrAbsent(location, 'reviewed', sources, reviewedPurpose(artifact));
  if (reviewed instanceof KeydriftError) return null;
  try {
    if (!isReadAlike(artifact, copy, reviewed, runtime)) return null;
    const contract = soundName(artifact, copy);
    const { blob } = reviewed.revision.facts;
    const known =
      sound === null || blob === undefined || artifact.accept.length > 0
        ? null
        : await sound.recall(contract, blob);
    if (known !== null && known.sha256 !== stored) return null;
    if (known !== null && known.bytes === runtime.bytes) {
      return { judgement: soundJudgement(known, reviewed, runtime), runtime };
    }
    if ((await sha256Of(reviewed)) !== stored) return null;
    const same = keepSmall({ ...runtime, open: (range) => reviewed.open(range) });
    const judgement = await judge(reviewed, same).finally(() => forgetKept(same));
    const side = soundSide(judgement);
    if (sound !== null && blob !== undefined && side !== null) {
      await sound.remember(contract, blob, side);
    }
    return { judgement: { ...judgement, evidence: 'sha256' }, runtime };
  } finally {
    forgetKept(reviewed);
    await releaseCopies([reviewed, runtime]);
  }
}

/** Never where the copies are read differently: the same bytes are then another table. */
function isReadAlike(
  artifact: ArtifactContract,
  copy: RuntimeCopy,
  reviewed: PinnedCopy,
  runtime: PinnedCopy,
): boolean {
  return readJustSo(
    { copy: reviewed, request: reviewedRequest(artifact) },
    { copy: runtime, request: runtimeRequest(artifact, copy, null) },
  );
}

/** Names all that decides what is found in a reviewed file, and told of it. */
function soundName(artifact: ArtifactContract, copy: RuntimeCopy): string {
  const { units, maxAmplification, limits, ordered = false } = artifact;
  const { formats: _formats, ...request } = reviewedRequest(artifact);
  const words = [request, units, maxAmplification, limits, copy.limits, ordered, copy.readers];
  return JSON.stringify(words, plainMap);
}

/** The side that may be remembered: nothing was found, and there was nothing to say. */
function soundSide({ reviewed, found, warnings = [], verdict }: Judgement): SoundFile | null {
  if (reviewed === undefined || reviewed === null || verdict !== 'in-sync') return null;
  if (found === undefined || found.findings.length > 0 || warnings.length > 0) return null;
  if (misspelledWarnings(reviewed).length > 0) return null;
  const claims = copyWarnings(reviewed.copy, reviewed.sha256, 'reviewed').length;
  // A table that nothing was read of may be another one tomorrow.
  if (reviewed.copy.lake !== undefined) return null;
  const { redundant, invalid, ...side } = fileReport(reviewed);
  return redundant + invalid + reviewed.warnings.length - claims > 0 ? null : side;
}

function soundJudgement(known: SoundFile, reviewed: PinnedCopy, runtime: PinnedCopy): Judgement {
  const side = (copy: PinnedCopy): SideReport => ({
    location: copy.location,
    revision: copy.revision,
    ...known,
    redundant: 0,
    invalid: 0,
    ...(copy.claim === undefined ? {} : { claim: claimReport(copy, known.sha256) }),
  });
  return {
    verdict: 'in-sync',
    state: 'identical',
    sides: { reviewed: side(reviewed), runtime: side(runtime) },
    warnings: [
      ...copyWarnings(reviewed, known.sha256, 'reviewed'),
      ...copyWarnings(runtime, known.sha256, 'runtime'),
    ],
    evidence: 'sha256',
  };
}
