import type { ArtifactReport, SideReport } from '../../model/index.ts';
import { claimSentence, describeSide } from '../revision.ts';
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
  return digest === null ? '' : markup`<code title="${digest}">${digest.slice(0, 12)}…</code>`;
}

/** What was read of the copies, beside each other; a row of a fact that no side has is left out. */
export function sidesTable({ reviewed, runtime }: ArtifactReport): Markup {
  const sides = [
    { name: 'reviewed', side: reviewed },
    { name: 'runtime', side: runtime },
  ].flatMap(({ name, side }) => (side === null ? [] : [{ name, side }]));
  if (sides.length === 0) return nothing;
  const rows = facts
    .map(([label, of]) => [
      markup`<span class="label">${label}</span>`,
      ...sides.map(({ side }) => of(side)),
    ])
    .filter(([, ...values]) => values.some((value) => value !== ''));
  const columns = [{ head: '' }, ...sides.map(({ name }) => ({ head: name }))];
  return markup`<div class="sides">${staticTable('What was read', columns, rows)}</div>`;
}
