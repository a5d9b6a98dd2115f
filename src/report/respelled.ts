import type { ArtifactReport, Cells } from '../model/index.ts';
import { escapeCharacter, lookOf, quoteValue } from './escape.ts';
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
      ...pairText(reviewed, runtime),
    });
  }
  return { said: [...pairs.values()], rest: shown ? Math.max(0, total - pairs.size) : 0 };
}

/** Keys that look the same are told with what differs as escapes. */
function pairText(reviewed: Cells, runtime: Cells): RespelledPair {
  const alike = lookOf(textOf(reviewed)) === lookOf(textOf(runtime));
  const tell = (key: Cells): string =>
    key.map(([, value]) => clipMiddle(quotedText(value ?? '', alike), widestValue)).join(', ');
  return { reviewed: tell(reviewed), runtime: tell(runtime) };
}

function quotedText(value: string, alike: boolean): string {
  const quoted = quoteValue(value);
  return alike ? quoted.replace(/[^ -~]/gu, escapeCharacter) : quoted;
}

function textOf(key: Cells): string {
  return JSON.stringify(key.map(([, value]) => value));
}
