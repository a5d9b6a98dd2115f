import { formats } from '../../src/formats/index.ts';
import type { CopyDecoding, ScanRequest } from '../../src/judge/request.ts';

/** How bytes are read of which the contract says nothing. */
export const usualDecoding: CopyDecoding = {
  format: null,
  compression: null,
  encoding: null,
  expandedBytes: 1 << 30,
  expandedRatio: 1000,
};

/** What is asked of a copy; what is left out is as a contract that says nothing of it. */
export function scanRequest(
  asked: Pick<ScanRequest, 'side' | 'key' | 'consumes'> & Partial<ScanRequest>,
): ScanRequest {
  return {
    formats,
    written: {},
    descriptive: [],
    rename: new Map(),
    normalize: new Map(),
    counterpart: null,
    decoding: usualDecoding,
    ...asked,
  };
}
