import type { VNode } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { byCodeUnits, count } from '../../../model/names.ts';
import {
  findingHeads,
  keyColumns,
  keyText,
  keyValue,
  placeText,
  severityText,
  whatText,
} from '../finding-facts.ts';
import { showValue } from '../../escape.ts';
import { DataTable, paperSize, type Column, type Medium } from './data-table.tsx';
import { FindingRows } from './finding-rows.tsx';
import { everything, Filters, isWanted, type Wanted } from './filters.tsx';
import type { FindingItem } from './items.ts';

/** All findings of an artifact that the page holds: sorted, filtered, searched, opened. */
export function Findings({
  items,
  openKey,
  medium,
}: {
  readonly items: readonly FindingItem[];
  /** Tells the story of a finding's key. */
  readonly openKey: (item: FindingItem) => void;
  readonly medium: Medium;
}): VNode {
  const [wanted, setWanted] = useState<Wanted>(everything);
  const columns = useMemo(() => columnsOf(items, openKey), [items, openKey]);
  const shown = useMemo(() => items.filter((item) => isWanted(item, wanted)), [items, wanted]);
  return (
    <>
      <Filters items={items} wanted={wanted} change={setWanted} />
      <p class="shown" role="status">
        {shown.length === items.length
          ? count(items.length, 'finding')
          : `${shown.length} of ${count(items.length, 'finding')}`}
      </p>
      <DataTable
        name="Findings"
        columns={columns}
        rows={shown}
        idOf={({ at }) => at}
        detail={({ finding }) => <FindingRows findings={[finding]} />}
        size={medium === 'paper' ? paperSize : 50}
        rest={medium === 'paper' ? 'opened' : 'closed'}
      />
    </>
  );
}

function columnsOf(
  items: readonly FindingItem[],
  openKey: (item: FindingItem) => void,
): readonly Column<FindingItem>[] {
  const keys = keyColumns(items.map(({ finding }) => finding));
  return [
    {
      ...textColumn('kind', ({ finding }) => finding.kind),
      look: 'short',
      cell: ({ finding: { kind } }) => <span class={`kind ${kind}`}>{kind}</span>,
    },
    ...keys.map((column, at) => keyColumn(column, at, openKey)),
    { ...textColumn('side', ({ finding }) => finding.side), look: 'short' },
    rowsColumn('reviewed'),
    rowsColumn('runtime'),
    { ...textColumn('what', ({ finding }) => whatText(finding)), look: 'long' },
    {
      ...textColumn('severity', ({ finding }) => severityText(finding)),
      look: 'short',
      cell: ({ finding }) => (
        <span class={`severity ${finding.severity}`}>{severityText(finding)}</span>
      ),
    },
  ];
}

function textColumn(
  id: keyof typeof findingHeads,
  text: (item: FindingItem) => string,
): Column<FindingItem> {
  return {
    id,
    head: findingHeads[id],
    cell: (item) => <bdi>{text(item)}</bdi>,
    compare: (a, b) => byCodeUnits(text(a), text(b)),
  };
}

/** Sorted by the values themselves, whatever escapes show of them. */
function keyColumn(
  column: string,
  at: number,
  openKey: (item: FindingItem) => void,
): Column<FindingItem> {
  const raw = ({ finding }: FindingItem): string =>
    finding.key?.find(([name]) => name === column)?.[1] ?? '';
  return {
    id: `key ${at}`,
    head: showValue(column),
    compare: (a, b) => byCodeUnits(raw(a), raw(b)),
    cell: (item) => {
      const value = <bdi>{keyValue(item.finding, column)}</bdi>;
      if (at > 0 || item.finding.key === null) return value;
      return (
        <button
          type="button"
          class="key"
          aria-haspopup="dialog"
          title={`All of ${keyText(item.finding.key)}`}
          onClick={() => openKey(item)}
        >
          {value}
        </button>
      );
    },
  };
}

function rowsColumn(side: 'reviewed' | 'runtime'): Column<FindingItem> {
  return {
    id: side,
    head: findingHeads[side],
    look: 'number',
    compare: (a, b) => a.finding.rowCount[side] - b.finding.rowCount[side],
    cell: ({ finding }) => (
      <>
        {finding.rowCount[side]} <span class="place">{placeText(finding, side)}</span>
      </>
    ),
  };
}
