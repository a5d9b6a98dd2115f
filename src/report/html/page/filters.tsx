import type { VNode } from 'preact';
import type { Finding } from '../../../model/index.ts';
import { byCodeUnits } from '../../../model/names.ts';
import { severityText } from '../finding-facts.ts';
import type { FindingItem } from './items.ts';

/** Which findings are wanted; an empty set or text wants all. */
export interface Wanted {
  readonly kinds: ReadonlySet<Finding['kind']>;
  readonly side: string;
  readonly severity: string;
  readonly text: string;
}

export const everything: Wanted = { kinds: new Set(), side: '', severity: '', text: '' };

export function isWanted({ finding, haystack }: FindingItem, wanted: Wanted): boolean {
  const { kinds, side, severity, text } = wanted;
  return (
    (kinds.size === 0 || kinds.has(finding.kind)) &&
    (side === '' || finding.side === side) &&
    (severity === '' || severityText(finding) === severity) &&
    (text === '' || haystack.includes(text.toLowerCase()))
  );
}

/** The controls that choose findings; one that cannot choose anything is left out. */
export function Filters({
  items,
  wanted,
  change,
}: {
  readonly items: readonly FindingItem[];
  readonly wanted: Wanted;
  readonly change: (wanted: Wanted) => void;
}): VNode | null {
  if (items.length < 2) return null;
  const toggle = (kind: Finding['kind']): void => {
    const kinds = new Set(wanted.kinds);
    if (!kinds.delete(kind)) kinds.add(kind);
    change({ ...wanted, kinds });
  };
  return (
    <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
      <label>
        <span>Search keys</span>
        <input
          type="search"
          value={wanted.text}
          onInput={(event) => change({ ...wanted, text: event.currentTarget.value })}
        />
      </label>
      <Choice
        label="Side"
        values={distinct(items, ({ finding }) => finding.side)}
        chosen={wanted.side}
        choose={(side) => change({ ...wanted, side })}
      />
      <Choice
        label="Severity"
        values={distinct(items, ({ finding }) => severityText(finding))}
        chosen={wanted.severity}
        choose={(severity) => change({ ...wanted, severity })}
      />
      <fieldset>
        <legend>Kind</legend>
        {countKinds(items).map(([kind, number]) => (
          <button
            key={kind}
            type="button"
            class="chip"
            aria-pressed={wanted.kinds.has(kind)}
            onClick={() => toggle(kind)}
          >
            {kind} <span class="count">{number}</span>
          </button>
        ))}
      </fieldset>
    </form>
  );
}

/** A control that chooses one of several values, or all; nothing where there is no choice. */
export function Choice({
  label,
  values,
  chosen,
  choose,
}: {
  readonly label: string;
  readonly values: readonly string[];
  readonly chosen: string;
  readonly choose: (value: string) => void;
}): VNode | null {
  if (values.length < 2) return null;
  return (
    <label>
      <span>{label}</span>
      <select value={chosen} onChange={(event) => choose(event.currentTarget.value)}>
        <option value="">all</option>
        {values.map((value) => (
          <option key={value} value={value}>
            {value}
          </option>
        ))}
      </select>
    </label>
  );
}

/** The values that there are, each once. */
export function distinct<Item>(
  items: readonly Item[],
  of: (item: Item) => string,
): readonly string[] {
  return [...new Set(items.map(of))].sort(byCodeUnits);
}

/** The kinds that there are, in the report's order, and how many of each. */
function countKinds(
  items: readonly FindingItem[],
): readonly (readonly [Finding['kind'], number])[] {
  const counts = new Map<Finding['kind'], number>();
  for (const { finding } of items) counts.set(finding.kind, (counts.get(finding.kind) ?? 0) + 1);
  return [...counts];
}
