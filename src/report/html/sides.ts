import {
  clipTo,
  type ArtifactReport,
  type SideReport,
  type UnreadSide,
} from '../../model/index.ts';
import { claimSentence, describeRevision, describeSide } from '../revision.ts';
import { amplificationOf } from '../sentences.ts';
import { byteSize, times } from '../wording.ts';
import { foreign, markup, nothing, type Markup } from './markup.ts';
import { staticTable, type StaticCell } from './table.ts';

type SideFact = readonly [label: string, of: (side: SideReport) => StaticCell];

const facts: readonly SideFact[] = [
  ['location', ({ location }) => foreign(location)],
  ['revision', (side) => foreign(describeSide(side))],
  ['rows', ({ rows }) => rows],
  ['units', ({ units }) => units],
  ['redundant rows', ({ redundant }) => redundant],
  ['invalid rows', ({ invalid }) => invalid],
  ['amplification', (side) => times(amplificationOf(side))],
  ['size', (side) => (side.bytes === null ? '' : byteSize(side.bytes))],
  [
    'publisher',
    ({ claim }) => (claim === undefined || claim === null ? '' : foreign(claimSentence(claim))),
  ],
  ['SHA-256', ({ sha256 }) => digestCell(sha256)],
  ['functional digest', ({ digest }) => digestCell(digest)],
];

/** As short as other digests; whole in JSON, and where a pointer rests on it. */
function digestCell(digest: string | null): StaticCell {
  return digest === null ? '' : markup`<code title="${digest}">${clipTo(digest, 12)}</code>`;
}

/** What is known of a copy that could not be read. */
const unreadFacts: Readonly<Record<string, (side: UnreadSide) => StaticCell>> = {
  location: ({ location }) => foreign(location),
  revision: ({ revision }) => foreign(describeRevision(revision)),
  rows: () => 'none was read',
};

/** What was read of the copies, beside each other; a row of a fact that no side has is left out. */
export function sidesTable({ reviewed, runtime, unread }: ArtifactReport): Markup {
  const read = (side: SideReport): readonly StaticCell[] => facts.map(([, of]) => of(side));
  const sides = [
    ...(reviewed === null ? [] : [{ head: 'reviewed', cells: read(reviewed) }]),
    ...(runtime === null ? [] : [{ head: 'runtime', cells: read(runtime) }]),
    ...(unread === undefined
      ? []
      : [{ head: 'runtime', cells: facts.map(([label]) => unreadFacts[label]?.(unread) ?? '') }]),
  ];
  if (sides.length === 0) return nothing;
  const rows = facts.flatMap(([label], at) => {
    const values = sides.map(({ cells }) => cells[at] ?? '');
    return values.every((value) => value === '')
      ? []
      : [[markup`<span class="label">${label}</span>`, ...values]];
  });
  return markup`<div class="sides">${staticTable('What was read', [{ head: '' }, ...sides], rows)}</div>`;
}
