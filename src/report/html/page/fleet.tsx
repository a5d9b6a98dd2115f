import type { VNode } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { byCodeUnits, count } from '../../../model/names.ts';
import { fleetHeads, type FleetFacts } from '../fleet-facts.ts';
import { CommandLines } from './command.tsx';
import { DataTable, paperSize, type Column, type Medium } from './data-table.tsx';
import { Choice, distinct } from './filters.tsx';
import { Findings } from './findings.tsx';
import type { FindingItem } from './items.ts';

/** An artifact of the table. */
export interface FleetItem {
  readonly told: FleetFacts;
  /** Its place in the order of the table, worst first. */
  readonly at: number;
  /** What a search looks into, in lower case. */
  readonly haystack: string;
  /** Findings of the report; the page may hold fewer. */
  readonly total: number;
  readonly items: () => readonly FindingItem[];
  readonly openKey: (item: FindingItem) => void;
}

/** What is wanted of the fleet, by what the choice is of; an empty text wants all. */
type Wanted = Readonly<Record<string, string>>;

/** Labels that can be chosen by. */
const mostLabels = 4;

/** Every artifact of a report: searched, filtered, sorted, each opening what was found. */
export function Fleet({
  items,
  medium,
}: {
  readonly items: readonly FleetItem[];
  readonly medium: Medium;
}): VNode {
  const [wanted, setWanted] = useState<Wanted>({});
  const choices = useMemo(() => choicesOf(items), [items]);
  const text = (wanted['text'] ?? '').toLowerCase();
  const shown = items.filter(
    ({ told, haystack }) =>
      (text === '' || haystack.includes(text)) &&
      choices.every(([name, of]) => (wanted[name] ?? '') === '' || of(told) === wanted[name]),
  );
  return (
    <>
      <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
        <label>
          <span>Search artifacts</span>
          <input
            type="search"
            value={wanted['text'] ?? ''}
            onInput={(event) => setWanted({ ...wanted, text: event.currentTarget.value })}
          />
        </label>
        {choices.map(([name, of]) => (
          <Choice
            key={name}
            label={name}
            values={distinct(items, ({ told }) => of(told)).filter((value) => value !== '')}
            chosen={wanted[name] ?? ''}
            choose={(value) => setWanted({ ...wanted, [name]: value })}
          />
        ))}
      </form>
      <p class="shown" role="status">
        {shown.length === items.length
          ? count(items.length, 'artifact')
          : `${shown.length} of ${count(items.length, 'artifact')}`}
      </p>
      <DataTable
        name="Overview of the artifacts"
        columns={columns}
        rows={shown}
        idOf={({ at }) => at}
        detail={(item) => <Detail item={item} />}
        size={medium === 'paper' ? paperSize : 50}
        rest="closed"
      />
    </>
  );
}

type ChoiceOf = readonly [name: string, of: (told: FleetFacts) => string];

function choicesOf(items: readonly FleetItem[]): readonly ChoiceOf[] {
  const names = new Set(items.flatMap(({ told }) => told.labels.map(([name]) => name)));
  return [
    ['Verdict', ({ label }) => label],
    ['State', ({ state }) => state],
    ['Owner', ({ owner }) => owner],
    ['Cause', ({ cause }) => cause],
    ['Change', ({ change }) => change],
    ...[...names]
      .slice(0, mostLabels)
      .map((label): ChoiceOf => [
        `Label ${label}`,
        ({ labels }) => labels.find(([name]) => name === label)?.[1] ?? '',
      ]),
  ];
}

const columns: readonly Column<FleetItem>[] = [
  {
    ...textColumn('verdict', ({ label }) => label),
    look: 'short',
    // The worst first, as the report has them.
    compare: (a, b) => a.at - b.at,
    cell: ({ told }) => <span class={`verdict ${told.verdict}`}>{told.label}</span>,
  },
  {
    ...textColumn('name', ({ name }) => name),
    look: 'short',
    cell: ({ told: { name, anchor } }) =>
      anchor === null ? (
        <bdi>{name}</bdi>
      ) : (
        <a href={`#${anchor}`}>
          <bdi>{name}</bdi>
        </a>
      ),
  },
  { ...textColumn('found', ({ found }) => found), look: 'long' },
  {
    ...textColumn('owner', ({ owner, labels }) =>
      [owner, ...labels.map(([name, value]) => `${name}=${value}`)]
        .filter((part) => part !== '')
        .join(', '),
    ),
    look: 'long',
  },
  { ...textColumn('since', ({ since }) => since), look: 'short' },
  {
    ...textColumn('redundant', ({ redundant }) => (redundant === null ? '' : String(redundant))),
    look: 'number',
    // Nobody knows: below what is known to be none.
    compare: (a, b) => (a.told.redundant ?? -1) - (b.told.redundant ?? -1),
  },
  { ...textColumn('cause', ({ cause }) => cause), look: 'short' },
];

function textColumn(
  id: keyof typeof fleetHeads,
  text: (told: FleetFacts) => string,
): Column<FleetItem> {
  return {
    id,
    head: fleetHeads[id],
    compare: (a, b) => byCodeUnits(text(a.told), text(b.told)),
    cell: ({ told }) => <bdi>{text(told)}</bdi>,
  };
}

/** What there is to say of one artifact: sentences, ways out, findings. */
function Detail({ item }: { readonly item: FleetItem }): VNode {
  const { told, total, items, openKey } = item;
  const found = useMemo(items, [items]);
  return (
    <div class="told">
      {told.sentences.length === 0 ? null : (
        <ul class="sentences">
          {told.sentences.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      )}
      {told.runbook === '' ? null : (
        <p>
          Runbook: <Link address={told.runbook} />
        </p>
      )}
      {told.steps.length === 0 ? null : (
        <ul class="steps">
          {told.steps.map(({ text, commands }) => (
            <li key={text}>
              {text}
              {commands.length === 0 ? null : <CommandLines text={commands.join('\n')} />}
            </li>
          ))}
        </ul>
      )}
      {found.length === 0 ? null : (
        <div class="findings">
          {found.length === total ? null : (
            <p class="note">
              The first {found.length} of {count(total, 'finding')}: JSON has all.
            </p>
          )}
          <Findings items={found} openKey={openKey} medium="screen" />
        </div>
      )}
      {told.sentences.length + told.steps.length + found.length === 0 ? (
        <p class="note">There is nothing else to say.</p>
      ) : null}
    </div>
  );
}

/** A web address as a link; anything else is text. */
function Link({ address }: { readonly address: string }): VNode {
  const isWeb = /^https?:\/\//i.test(address) && URL.canParse(address);
  return isWeb ? (
    <a href={new URL(address).href} rel="noopener noreferrer">
      <bdi>{address}</bdi>
    </a>
  ) : (
    <bdi>{address}</bdi>
  );
}
