import { readFileSync, rmSync } from 'node:fs';
import { writeCanonical } from '../../src/commands/run/canonical.ts';
import { compareScanned } from '../../src/judge/compare-scanned.ts';
import { ambiguitiesOf, askReaders } from '../../src/judge/readers.ts';
import { reviewedRequest, runtimeRequest, type ScannedCopy } from '../../src/judge/request.ts';
import { scanCopy } from '../../src/judge/scan.ts';
import {
  allReaders,
  commitRevision,
  faultClass,
  strictPolicy,
  toKeydriftError,
  type Ambiguity,
  type ArtifactContract,
  type PinnedCopy,
  type RuntimeCopy,
} from '../../src/model/index.ts';
import type { Table } from './tables.ts';

/** A copy that is handed over written anew, and what keydrift says of it. */
export interface Anew {
  readonly bytes: Buffer;
  readonly found: readonly Ambiguity[];
}

/** A copy in sync as `run --as canonical` hands it over; null: it is refused, or not in sync. */
export async function judgeAnew(
  table: Named,
  reviewedBytes: Buffer,
  runtimeBytes: Buffer,
  path: string,
): Promise<Anew | null> {
  const scanned = await scannedPair(table, reviewedBytes, runtimeBytes);
  if (scanned === null) return null;
  try {
    const { artifact, copy, reviewed, runtime } = scanned;
    const { state } = await compareScanned(artifact, copy, scanned);
    if (state !== 'identical' && state !== 'equivalent') return null;
    const said = { readers: allReaders, named: [], form: 'canonical' } as const;
    const { options } = await askReaders(reviewed, runtime, said, 'told of');
    await writeCanonical(path, runtime, reviewed.table.columns, () => true);
    const found = options.ambiguous?.hazards.map(({ ambiguity }) => ambiguity) ?? [];
    return { bytes: readFileSync(path), found };
  } catch (thrown) {
    const { code } = toKeydriftError(thrown);
    if (code === 'COLUMNS_DIFFER' || code === 'INVALID_UTF8') return null;
    throw thrown;
  } finally {
    scanned.release();
    rmSync(path, { force: true });
  }
}

type Named = Pick<Table, 'key' | 'consumed' | 'delimiter'>;

/** What keydrift says of two copies; null: they are not in sync, or cannot be read. */
export async function judgePair(
  table: Named,
  reviewedBytes: Buffer,
  runtimeBytes: Buffer,
): Promise<readonly Ambiguity[] | null> {
  const scanned = await scannedPair(table, reviewedBytes, runtimeBytes);
  if (scanned === null) return null;
  try {
    const { artifact, copy } = scanned;
    const compared = await compareScanned(artifact, copy, scanned);
    if (compared.state !== 'identical' && compared.state !== 'equivalent') return null;
    const found = await ambiguitiesOf(compared.reviewed, compared.runtime, copy.readers);
    const told = compared.found.findings.filter(({ kind }) => kind === 'ambiguous');
    if (told.length !== found.length) throw new Error('an ambiguity is no finding');
    return found;
  } finally {
    scanned.release();
  }
}

/** Two copies that were read, by a contract that names all readers. */
export interface ReadPair {
  readonly artifact: ArtifactContract;
  readonly copy: RuntimeCopy;
  readonly reviewed: ScannedCopy;
  readonly runtime: ScannedCopy;
  readonly release: () => void;
}

/** Reads two copies; null: they cannot be read. */
export async function scannedPair(
  table: Named,
  reviewedBytes: Buffer,
  runtimeBytes: Buffer,
): Promise<ReadPair | null> {
  const { artifact, copy } = contractOf(table);
  const scanned: ScannedCopy[] = [];
  const release = (): void => {
    for (const { keyset } of scanned) keyset.release();
  };
  try {
    const reviewed = await scanCopy(pinned(reviewedBytes), reviewedRequest(artifact));
    scanned.push(reviewed);
    const runtime = await scanCopy(pinned(runtimeBytes), runtimeRequest(artifact, copy, null), {
      scope: null,
      partner: reviewed,
    });
    scanned.push(runtime);
    return { artifact, copy, reviewed, runtime, release };
  } catch (thrown) {
    release();
    if (faultClass(toKeydriftError(thrown)) === 'content') return null;
    throw thrown;
  }
}

function contractOf(table: Named): Pick<ReadPair, 'artifact' | 'copy'> {
  const location = { kind: 'file', path: '/x.csv' } as const;
  const csv = { delimiter: table.delimiter };
  const copy: RuntimeCopy = {
    name: null,
    location,
    ref: null,
    policy: strictPolicy,
    grace: 0,
    columns: new Map(),
    csv,
    // Some of the cells are longer than a contract takes by default.
    limits: { cellBytes: 4 * 1024 ** 2 },
    readers: { readers: allReaders, named: [] },
  };
  const artifact: ArtifactContract = {
    name: 'x',
    owner: null,
    runbook: null,
    labels: new Map(),
    reviewed: location,
    copies: [copy],
    key: table.key.map((column) => ({ column, optional: false })),
    consumes: table.consumed,
    descriptive: [],
    normalize: new Map(),
    csv,
    limits: { cellBytes: 4 * 1024 ** 2 },
    policy: strictPolicy,
    units: { min: 0, max: null },
    maxAmplification: null,
    accept: [],
  };
  return { artifact, copy };
}

function pinned(bytes: Buffer): PinnedCopy {
  return {
    location: 'file:/x.csv',
    revision: commitRevision({
      commit: '0'.repeat(40),
      committedAt: '2026-01-01T00:00:00.000Z',
      blob: '0',
    }),
    bytes: bytes.length,
    // oxlint-disable-next-line typescript/require-await -- the port is asynchronous
    async *open({ start, end } = { start: 0, end: bytes.length }) {
      for (let at = start; at < end; at += 50_000) {
        yield bytes.subarray(at, Math.min(end, at + 50_000));
      }
    },
  };
}
