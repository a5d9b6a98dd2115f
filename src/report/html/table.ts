import { foreign, markup, nothing, type Markup, type MarkupValue } from './markup.ts';

/** Numbers stand right; what is short stays on one line; what is long gets room. */
export type ColumnLook = 'number' | 'short' | 'long';

/** A column of a static table. */
export interface StaticColumn {
  readonly head: string;
  readonly look?: ColumnLook;
}

export type StaticCell = MarkupValue;

/**
 * A table in a frame of its own; `name` says what it lists. On a narrow screen each row is a block whose
 * cells say their heads; roles, because browsers would forget then what they are.
 */
export function staticTable(
  name: string,
  columns: readonly StaticColumn[],
  rows: readonly (readonly StaticCell[])[],
): Markup {
  const cell = (value: StaticCell, at: number): Markup =>
    markup`<td role="cell"${lookOf(columns[at])} data-head="${columns[at]?.head ?? ''}">${value}</td>`;
  return markup`<div class="frame" role="region" aria-label="${name}" tabindex="0"><table role="table">
<thead role="rowgroup"><tr role="row">${columns.map(
    (column) =>
      markup`<th scope="col" role="columnheader"${lookOf(column)}>${foreign(column.head)}</th>`,
  )}</tr></thead>
<tbody role="rowgroup">
${rows.map(
  (cells) => markup`<tr role="row">${cells.map(cell)}</tr>
`,
)}</tbody></table></div>`;
}

function lookOf(column: StaticColumn | undefined): Markup {
  return column?.look === undefined ? nothing : markup` class="${column.look}"`;
}
