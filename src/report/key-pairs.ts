import type { ArtifactReport, Cells, Finding } from '../model/index.ts';
import { escapeCharacter, lookOf, quoteValue } from './escape.ts';
import { clipMiddle } from './width.ts';

const respelledLead = 'same unit, respelled';
const alikeLead = 'they look the same';
const widestValue = 40;

/** What is said of two keys, one of each side, as quoted text: `"00042"`, `"42"`. */
export interface KeyPair {
  readonly lead: typeof respelledLead | typeof alikeLead;
  readonly reviewed: string;
  readonly verb: 'is' | 'is not';
  readonly runtime: string;
}

/**
 * The first `limit` pairs of keys that a person may take for another pair than they are: one unit
 * under loose reading, or two that look the same. How many more of each there are follows, by lead.
 */
export function keyPairs(
  artifact: ArtifactReport,
  limit: number,
): { readonly said: readonly KeyPair[]; readonly rest: readonly (readonly [string, number])[] } {
  const respelled = respelledPairs(artifact, limit);
  const alike = alikePairs(artifact, limit - respelled.said.length);
  const rest = [
    [respelledLead, respelled.rest],
    [alikeLead, alike.rest],
  ] as const;
  return { said: [...respelled.said, ...alike.said], rest: rest.filter(([, left]) => left > 0) };
}

interface Pairs {
  readonly said: readonly KeyPair[];
  readonly rest: number;
}

/** Each pair once, though both its findings name it. */
function respelledPairs({ findings, respelled: total }: ArtifactReport, limit: number): Pairs {
  const pairs = new Map<string, KeyPair>();
  let shown = false;
  for (const { kind, key, respelled, severity } of findings) {
    if (key === null || respelled === null || severity === 'ignore') continue;
    shown = true;
    if (pairs.size >= limit) break;
    const [reviewed, runtime] = kind === 'added' ? [respelled, key] : [key, respelled];
    const told = pairText(reviewed, runtime);
    pairs.set(JSON.stringify([reviewed, runtime]), { lead: respelledLead, verb: 'is', ...told });
  }
  return { said: [...pairs.values()], rest: shown ? Math.max(0, total - pairs.size) : 0 };
}

/** Listed keys of one side only that look the same as one of the other, in the order of the added. */
function alikePairs({ findings }: ArtifactReport, limit: number): Pairs {
  const told = findings.filter(mayBeTaken);
  const removed = new Map<string, Cells>();
  for (const { kind, key } of told) {
    if (kind === 'removed' && key !== null) removed.set(lookOf(textOf(key)), key);
  }
  const said: KeyPair[] = [];
  let found = 0;
  for (const { kind, key } of told) {
    const reviewed =
      kind === 'added' && key !== null ? removed.get(lookOf(textOf(key))) : undefined;
    if (key === null || reviewed === undefined) continue;
    found += 1;
    if (said.length >= limit) continue;
    said.push({ lead: alikeLead, verb: 'is not', ...pairText(reviewed, key) });
  }
  return { said, rest: found - said.length };
}

function mayBeTaken({ kind, respelled, severity }: Finding): boolean {
  return (kind === 'added' || kind === 'removed') && respelled === null && severity !== 'ignore';
}

/** Keys that look the same are told with what differs as escapes. */
function pairText(reviewed: Cells, runtime: Cells): Pick<KeyPair, 'reviewed' | 'runtime'> {
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
