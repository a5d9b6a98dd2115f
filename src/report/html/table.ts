import { foreign, markup, nothing, type Markup, type MarkupValue } from './markup.ts';

/** Numbers stand right; what is short stays on one line; what is long gets room. */
export type ColumnLook = 'number' | 'short' | 'long';

/** A column of a static table. */
export interface StaticColumn {
  readonly head: string;
  readonly look?: ColumnLook;
}

export type StaticCell = MarkupValue;

/** A table in a frame of its own, which scrolls where the page is too narrow; `name` says what it lists. */
export function staticTable(
  name: string,
  columns: readonly StaticColumn[],
  rows: readonly (readonly StaticCell[])[],
): Markup {
  const cell = (value: StaticCell, at: number): Markup =>
    markup`<td${lookOf(columns[at])}>${value}</td>`;
  return markup`<div class="frame" role="region" aria-label="${name}" tabindex="0"><table>
<thead><tr>${columns.map(
    (column) => markup`<th scope="col"${lookOf(column)}>${foreign(column.head)}</th>`,
  )}</tr></thead>
<tbody>
${rows.map(
  (cells) => markup`<tr>${cells.map(cell)}</tr>
`,
)}</tbody></table></div>`;
}

function lookOf(column: StaticColumn | undefined): Markup {
  return column?.look === undefined ? nothing : markup` class="${column.look}"`;
}
