import type { ArtifactReport, Cells } from '../model/index.ts';
import { quoteValue } from './escape.ts';
import { clipMiddle } from './width.ts';

/** Two keys that are one unit under loose reading, as quoted text: `"00042"`, `"42"`. */
export interface RespelledPair {
  readonly reviewed: string;
  readonly runtime: string;
}

const widestValue = 40;

/** The first `limit` pairs, each once though both its findings name it, and how many there are more. */
export function respelledPairs(
  { findings, respelled: total }: ArtifactReport,
  limit: number,
): { readonly said: readonly RespelledPair[]; readonly rest: number } {
  const pairs = new Map<string, RespelledPair>();
  let shown = false;
  for (const { kind, key, respelled, severity } of findings) {
    if (key === null || respelled === null || severity === 'ignore') continue;
    shown = true;
    if (pairs.size >= limit) break;
    const [reviewed, runtime] = kind === 'added' ? [respelled, key] : [key, respelled];
    pairs.set(JSON.stringify([reviewed, runtime]), {
      reviewed: keyText(reviewed),
      runtime: keyText(runtime),
    });
  }
  return { said: [...pairs.values()], rest: shown ? Math.max(0, total - pairs.size) : 0 };
}

function keyText(key: Cells): string {
  return key.map(([, value]) => clipMiddle(quoteValue(value ?? ''), widestValue)).join(', ');
}
