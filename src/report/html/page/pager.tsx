import type { VNode } from 'preact';

/** Steps through pages; nothing where one holds all. */
export function Pager({
  page,
  size,
  total,
  go,
}: {
  readonly page: number;
  readonly size: number;
  readonly total: number;
  readonly go: (page: number) => void;
}): VNode | null {
  const last = Math.ceil(total / size) - 1;
  if (last < 1) return null;
  const step = (label: string, to: number): VNode => (
    <button type="button" disabled={to === page || to < 0 || to > last} onClick={() => go(to)}>
      {label}
    </button>
  );
  return (
    <nav class="pager" aria-label="Pages">
      {step('First', 0)}
      {step('Previous', page - 1)}
      <span role="status">
        {page * size + 1}–{Math.min(total, (page + 1) * size)} of {total}
      </span>
      {step('Next', page + 1)}
      {step('Last', last)}
    </nav>
  );
}
