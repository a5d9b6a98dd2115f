import { judgeCopyPinned } from '../../src/judge/pair.ts';
import {
  fileRevision,
  strictPolicy,
  type ArtifactContract,
  type ArtifactReport,
  type NormalizationStep,
  type PinnedCopy,
  type RuntimeCopy,
} from '../../src/model/index.ts';
import { judging, pinningSources } from '../judge/pinning-sources.ts';
import type { OracleContract, OracleFinding, Step } from './oracle.ts';
import { columns, type Sample } from './samples.ts';
import { chunked, write, type Written } from './tables.ts';
import { schemes } from '../../src/sources/index.ts';
import { fileAt } from '../sources/locations.ts';

/** What the product says of a sample, and the sample as it was written. */
export interface Outcome {
  readonly report: ArtifactReport;
  readonly written: { readonly reviewed: Written; readonly runtime: Written };
}

/** Judges a sample by the whole pipeline, from memory. */
export async function run({
  reviewed,
  runtime,
  contract: words,
  implied,
  styles,
  chunk,
}: Sample): Promise<Outcome> {
  const written = { reviewed: write(reviewed, styles[0]), runtime: write(runtime, styles[1]) };
  const sources = pinningSources((location) => {
    if (location.kind !== 'file') throw new Error(`not in this test: ${location.kind}`);
    const path = schemes['file']!.textOf(location);
    const side = path === '/reviewed' ? 'reviewed' : 'runtime';
    return Promise.resolve(memoryCopy(path, written[side].bytes, chunk));
  });
  const [artifact, copy] = toContract(words, implied);
  const { report } = await judgeCopyPinned(artifact, copy, sources, judging);
  return { report, written };
}

/** A copy from memory, in chunks of a size. */
export function memoryCopy(location: string, bytes: Buffer, chunk: number): PinnedCopy {
  return {
    location,
    revision: fileRevision('2026-11-22T17:00:00.000Z'),
    bytes: bytes.length,
    open: (range = { start: 0, end: bytes.length }) =>
      chunked(bytes.subarray(range.start, range.end), chunk),
  };
}

/** The oracle's contract as the product has it. */
export function toContract(
  words: OracleContract,
  implied: boolean,
): [ArtifactContract, RuntimeCopy] {
  const { key, consumed, normalize, min, max, maxAmplification } = words;
  const counted = new Set([...key.map(({ column }) => column), ...consumed]);
  const copy: RuntimeCopy = {
    name: null,
    location: fileAt('/runtime'),
    ref: null,
    policy: strictPolicy,
    columns: new Map(),
    csv: {},
    grace: 0,
  };
  const artifact: ArtifactContract = {
    name: 'sample',
    owner: null,
    runbook: null,
    labels: new Map(),
    reviewed: fileAt('/reviewed'),
    copies: [copy],
    key,
    consumes: implied ? null : consumed,
    descriptive: implied ? columns.filter((column) => !counted.has(column)) : [],
    normalize: new Map(
      Object.entries(normalize).map(([column, named]) => [column, named.map(toStep)]),
    ),
    csv: {},
    policy: strictPolicy,
    units: { min, max },
    maxAmplification,
    accept: [],
  };
  return [artifact, copy];
}

function toStep(named: Step): NormalizationStep {
  if (typeof named === 'string') return { step: named, parameter: null };
  if ('decimal' in named) return { step: 'decimal', parameter: named.decimal };
  return { step: 'empty', parameter: named.empty };
}

/** A report's findings in the oracle's terms. */
export function findingsOf({ findings }: ArtifactReport): OracleFinding[] {
  return findings.map(({ kind, side, key, fields, rowCount, rows }) => ({
    kind,
    side,
    key: key?.map(([, cell]) => cell ?? '') ?? null,
    fields,
    rowCount: [rowCount.reviewed, rowCount.runtime],
    rows: rows.map((shown) => [shown.side, shown.record]),
  }));
}
