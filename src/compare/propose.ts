import {
  dayMs,
  kindEntry,
  type AcceptEntry,
  type AcceptProposal,
  type RefusedProposal,
} from '../model/index.ts';
import type { Accepting } from './accept.ts';
import { covers, groupsByKey, keyId, namesKind, pinOf } from './pin.ts';

/** How long a proposed entry would hold. */
const proposedDays = 30;

/** The entries that would cover what is found, one for each unit and pin; and what none can. */
export function proposeAccept(accepting: Accepting): {
  readonly proposals: readonly AcceptProposal[];
  readonly refused: readonly RefusedProposal[];
} {
  const groups = groupsByKey(accepting.keys);
  const { now } = accepting;
  const today = dayOf(now);
  const proposals = new Map<string, AcceptProposal>();
  const refused: RefusedProposal[] = [];
  for (const finding of accepting.findings) {
    const { key, kind, side, severity } = finding;
    if (severity === 'ignore' || severity === 'pending') continue;
    const pin = pinOf(finding, groups.get(keyId(finding)), accepting.consumedColumns);
    if ('why' in pin || key === null) {
      const why = 'why' in pin ? pin.why : '';
      refused.push({
        finding: kindEntry(kind)?.sides.length === 1 ? kind : `${kind} ${side}`,
        key,
        why,
      });
      continue;
    }
    const id = JSON.stringify([keyId(finding), pin.rows, pin.variants]);
    const known = proposals.get(id);
    const entry = accepting.accept.find(
      (one) =>
        one.until >= today &&
        namesKind(one.kinds, finding) &&
        JSON.stringify(one.key) === keyId(finding) &&
        covers(one, pin),
    );
    proposals.set(id, {
      key,
      kinds: [...new Set([...(known?.kinds ?? []), pin.kind])],
      rows: pin.rows,
      variants: pin.variants,
      // An entry's words are kept where it covers all that is proposed in its place.
      ...wordsOf(known === undefined || known.reason === entry?.reason ? entry : undefined, now),
    });
  }
  return { proposals: [...proposals.values()], refused };
}

function wordsOf(entry: AcceptEntry | undefined, now: Date): { until: string; reason: string } {
  if (entry !== undefined) return { until: entry.until, reason: entry.reason };
  return { until: dayOf(new Date(now.getTime() + proposedDays * dayMs)), reason: '' };
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}
