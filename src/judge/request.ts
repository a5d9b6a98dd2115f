import type { PlanRequest, KeySet } from '../engine/index.ts';
import { formats, type DecodeOptions } from '../formats/index.ts';
import {
  defaultLimits,
  type ArtifactContract,
  type FormatOptions,
  type FormatRegistry,
  type Limits,
  type ReadLimits,
  type RuntimeCopy,
  type PinnedCopy,
  type ScanPlan,
  type EngineReport,
  type Table,
  type Warning,
} from '../model/index.ts';
import type { Scope } from './scope.ts';

/** A copy that was read whole, once. */
export interface ScannedCopy {
  readonly copy: PinnedCopy;
  /** Its records, to be read again. */
  readonly table: Table;
  readonly plan: ScanPlan;
  readonly keyset: KeySet;
  /** Hex, over the bytes as they stand; of a table what no other revision has. */
  readonly sha256: string;
  /** What its engine did; of a table. */
  readonly engine?: EngineReport;
  readonly warnings: readonly Warning[];
  /** What was asked of it. */
  readonly request: ScanRequest;
  /** The part of the copy that was judged; null: all of it. */
  readonly scope: Scope | null;
}

/** What is wanted of a copy: its columns, and how its bytes are a table. */
export interface ScanRequest extends PlanRequest {
  readonly formats: FormatRegistry;
  /** What the contract says of how it is written, by the name of the format. */
  readonly written: Readonly<Record<string, FormatOptions>>;
  /** How its bytes become those of its format. */
  readonly decoding: CopyDecoding;
  /** What it may be at most; left out: the defaults. */
  readonly limits?: ReadLimits & Pick<Limits, 'bytes'>;
}

/** What the contract says of a copy's bytes; null: its name and content tell. */
export interface CopyDecoding extends DecodeOptions {
  readonly format: string | null;
}

/** What of a contract's words says how a copy is written. */
type Wording = Pick<RuntimeCopy, 'csv' | 'written' | 'limits'>;

function writtenAs({
  csv,
  written = {},
  limits,
}: Wording): Pick<ScanRequest, 'written' | 'decoding' | 'limits' | 'nulls'> {
  const { format = null, compression = null, encoding = null, records, keyColumn } = written;
  const { expandedBytes, expandedRatio, bytes, ...held } = { ...defaultLimits, ...limits };
  const { recordBytes, cellBytes, columns, memory } = held;
  const document: FormatOptions = {
    ...(records === undefined ? {} : { records }),
    ...(keyColumn === undefined ? {} : { keyColumn }),
  };
  return {
    written: { csv, json: document, yaml: document },
    decoding: { format, compression, encoding, expandedBytes, expandedRatio },
    limits: { bytes, recordBytes, cellBytes, columns, memory },
    nulls: written.nulls ?? 'empty',
  };
}

/** What an artifact wants of its reviewed copy. */
export function reviewedRequest(artifact: ArtifactContract): ScanRequest {
  const { key, consumes, descriptive, normalize } = artifact;
  return {
    side: 'reviewed',
    formats: artifact.formats ?? formats,
    ...writtenAs(artifact),
    key,
    consumes,
    descriptive,
    rename: new Map(),
    normalize,
    counterpart: null,
    ...(artifact.redaction === undefined ? {} : { redact: artifact.redaction }),
  };
}

/** What it wants of a runtime copy, given the reviewed copy's consumed columns if they are known. */
export function runtimeRequest(
  artifact: ArtifactContract,
  copy: RuntimeCopy,
  counterpart: readonly string[] | null,
): ScanRequest {
  return {
    ...reviewedRequest(artifact),
    side: 'runtime',
    ...writtenAs({ ...copy, limits: copy.limits ?? artifact.limits ?? {} }),
    rename: copy.columns,
    counterpart,
  };
}
