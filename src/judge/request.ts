import type { PlanRequest, KeySet } from '../engine/index.ts';
import { formats, type DecodeOptions } from '../formats/index.ts';
import {
  type FormatWarning,
  type Table,
  defaultLimits,
  linesOf,
  type ArtifactContract,
  type FormatOptions,
  type FormatRegistry,
  type KeyColumn,
  type Limits,
  type ReadLimits,
  type RuntimeCopy,
  type PinnedCopy,
  type ScanPlan,
  type Side,
  type EngineReport,
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
type Written = Required<Pick<ScanRequest, 'written' | 'decoding' | 'limits' | 'nulls'>>;

function writtenAs(
  { csv, written = {} }: Pick<RuntimeCopy, 'csv' | 'written'>,
  said: RuntimeCopy['limits'],
): Written {
  const { format = null, compression = null, encoding = null, records, keyColumn } = written;
  const all = said === undefined ? defaultLimits : { ...defaultLimits, ...said };
  const { expandedBytes, expandedRatio, bytes, recordBytes, cellBytes, columns, memory } = all;
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
  return requestOf(artifact, 'reviewed', artifact, artifact.limits, unnamed, null);
}

const unnamed: ScanRequest['rename'] = new Map();

/** What it wants of a runtime copy, given the reviewed copy's consumed columns if they are known. */
export function runtimeRequest(
  artifact: ArtifactContract,
  copy: RuntimeCopy,
  counterpart: readonly string[] | null,
): ScanRequest {
  const limits = copy.limits ?? artifact.limits;
  return requestOf(artifact, 'runtime', copy, limits, copy.columns, counterpart);
}

/** Whether the contract says of a runtime copy the form that it says of the reviewed one. */
export function isSaidAlike(artifact: ArtifactContract, copy: RuntimeCopy): boolean {
  return copy.columns.size === 0 && formWords(copy) === formWords(artifact);
}

function formWords({ csv, written = {} }: Pick<RuntimeCopy, 'csv' | 'written'>): string {
  return JSON.stringify([csv, written]);
}

/** The last request of each side with a key, and what it was made of. */
const made: Readonly<Record<Side, WeakMap<readonly KeyColumn[], Made>>> = {
  reviewed: new WeakMap(),
  runtime: new WeakMap(),
};

interface Made {
  readonly of: readonly unknown[];
  readonly request: ScanRequest;
}

/** Artifacts that say alike have one request: what it says of a header is found once. */
function requestOf(
  artifact: ArtifactContract,
  side: Side,
  words: Pick<RuntimeCopy, 'csv' | 'written'>,
  limits: RuntimeCopy['limits'],
  rename: ScanRequest['rename'],
  counterpart: ScanRequest['counterpart'],
): ScanRequest {
  const { key, consumes, descriptive, normalize, formats: own, redaction } = artifact;
  const { csv, written } = words;
  const said = [consumes, descriptive, normalize, own, redaction, rename, counterpart];
  const of = [...said, csv, written, limits];
  const last = made[side].get(key);
  if (last?.of.every((one, at) => one === of[at]) === true) return last.request;
  const request = requestAs(artifact, side, writtenAs(words, limits), rename, counterpart);
  made[side].set(key, { of, request });
  return request;
}

function requestAs(
  { key, consumes, descriptive, normalize, formats: own = formats, redaction }: ArtifactContract,
  side: Side,
  { written, decoding, limits, nulls }: Written,
  rename: ScanRequest['rename'],
  counterpart: ScanRequest['counterpart'],
): ScanRequest {
  // Of one shape: a spread would give each a shape of its own.
  const request: ScanRequest = {
    side,
    formats: own,
    written,
    decoding,
    limits,
    nulls,
    key,
    consumes,
    descriptive,
    rename,
    normalize,
    counterpart,
    lines: linesOf(key),
  };
  return redaction === undefined ? request : { ...request, redact: redaction };
}

/** A pinned copy, opened by its format. */
export interface OpenedCopy {
  readonly table: Table;
  /** SHA-256 of the bytes as they stand, hex; once they were read to their end. */
  readonly sha256: () => string;
  /** What others may make of how it is written, besides the table's; once it was read. */
  readonly warnings: () => readonly FormatWarning[];
  /** Ends the table, and a stream that was not read to its end. */
  readonly close: () => Promise<void>;
  /**
   * What a content error is worth: reads what is left of the stream in which it was found, so that the
   * store's checksum speaks first. Throws what that says; else gives the error back.
   */
  readonly verified: (error: unknown) => Promise<unknown>;
}

/** What of a request says how a copy becomes a table. */
export type TableRequest = Pick<ScanRequest, 'formats' | 'written' | 'decoding' | 'limits'>;

/** Whether a copy is read from its start, or first where its format wants to look. */
export type HowToOpen = 'streamed' | 'by range';
