import type { CommitEntry, TimelineEntry, VersionEntry } from '../../model/index.ts';
import { count } from '../../model/names.ts';
import { shortVersionId } from '../../model/revision.ts';
import { showValue } from '../escape.ts';
import { shortCommit, shortTime } from '../revision.ts';
import { byteSize, countsPhrase, stateWords, times } from '../wording.ts';

/** A fact about an event: what it is called, and its value. */
export type Fact = readonly [label: string, value: string];

/** The heads of a table of events. */
export const eventHeads = {
  at: 'at',
  side: 'side',
  event: 'event',
  by: 'by',
  units: 'units',
  amplification: 'amplification',
  relation: 'against the other side',
} as const;

/** Who made an event, and why: `Ada: add P-9`, or what the publisher claims. */
export function eventBy(entry: TimelineEntry): string {
  if (entry.side === 'reviewed') return `${showValue(entry.author)}: ${showValue(entry.subject)}`;
  const claim = entry.claim?.commit ?? null;
  return claim === null ? '' : `claims commit ${showValue(claim.slice(0, 12))}`;
}

/** What an event is: `commit 3f2a9c1`, `version 3HL4kqtJ`, `delete marker`. */
export function eventName(entry: TimelineEntry): string {
  if (entry.side === 'reviewed') {
    const what = entry.deleted ? 'removal by commit' : 'commit';
    return `${what} ${shortCommit(entry.commit)}`;
  }
  const what = entry.deleted ? 'delete marker' : 'version';
  return entry.versionId === null
    ? 'present copy'
    : `${what} ${showValue(shortVersionId(entry.versionId))}`;
}

/**
 * How it stands to the other side: `drifted: 2 added`, `unreadable content: CSV_UNCLOSED_QUOTE`; nothing
 * where there was no other side.
 */
export function relationText({ relation, counts, error }: TimelineEntry): string {
  if (relation === null) return error === null ? '' : `not read: ${error.code}`;
  const found = (counts === null ? '' : countsPhrase(counts)) || (error?.code ?? '');
  const words = relation === 'other-columns' ? 'other columns' : stateWords[relation];
  return found === '' ? words : `${words}: ${found}`;
}

/** An event in one sentence, for who cannot see the drawing. */
export function eventSentence(entry: TimelineEntry): string {
  const parts = [`${entry.side} ${eventName(entry)}`, shortTime(entry.at), relationText(entry)];
  if (entry.current) parts.push('current');
  return parts.filter((part) => part !== '').join(', ');
}

/** All that is known of an event. */
export function eventFacts(entry: TimelineEntry): readonly Fact[] {
  const facts: (readonly [string, string | null])[] = [
    ['at', shortTime(entry.at)],
    ...(entry.side === 'reviewed' ? commitFacts(entry) : versionFacts(entry)),
    ['content', sizeText(entry)],
    ['amplification', entry.amplification === null ? null : times(entry.amplification)],
    ['relation', relationSentence(entry)],
    ['error', entry.error === null ? null : `${entry.error.code}: ${entry.error.message}`],
  ];
  return facts.filter((fact): fact is Fact => fact[1] !== null && fact[1] !== '');
}

/** `6 rows, 4 units, 2 redundant`; nothing where there is no content. */
export function sizeText({ rows, units, redundant, invalid }: TimelineEntry): string {
  if (rows === null || units === null) return '';
  const facts = [count(rows, 'row'), count(units, 'unit')];
  if (redundant !== null && redundant > 0) facts.push(`${redundant} redundant`);
  if (invalid !== null && invalid > 0) facts.push(`${invalid} invalid`);
  return facts.join(', ');
}

function commitFacts(entry: CommitEntry): readonly Fact[] {
  return [
    ['commit', entry.commit],
    ['subject', showValue(entry.subject)],
    ['author', showValue(entry.author)],
    ['path', showValue(entry.path)],
    ...(entry.inForce ? [] : [['branch', 'a side branch: never in force by itself'] as const]),
  ];
}

const evidenceWords = {
  read: 'read',
  cached: 'read before, by its VersionId',
  etag: 'not read: another version has its ETag and size',
} as const;

function versionFacts(entry: VersionEntry): readonly (readonly [string, string | null])[] {
  const claim = entry.claim?.commit ?? null;
  return [
    ['VersionId', entry.versionId === null ? null : showValue(entry.versionId)],
    ['size', entry.bytes === null ? null : byteSize(entry.bytes)],
    ['publisher claims', claim === null ? null : `commit ${showValue(claim.slice(0, 12))}`],
    ['evidence', entry.evidence === null ? null : evidenceWords[entry.evidence]],
  ];
}

function relationSentence(entry: TimelineEntry): string {
  const text = relationText(entry);
  if (text === '' || entry.side === 'reviewed' || entry.reviewedCommit === null) return text;
  return `${text}, against commit ${shortCommit(entry.reviewedCommit)}`;
}
