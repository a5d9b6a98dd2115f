import type { ComponentChildren, VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { ColumnLook } from '../table.ts';
import { Pager } from './pager.tsx';
import { nextSort, sortRows, type Sort } from './sort.ts';

/** A column of a table that sorts. */
export interface Column<Row> {
  readonly id: string;
  readonly head: string;
  readonly look?: ColumnLook;
  readonly compare: (a: Row, b: Row) => number;
  readonly cell: (row: Row) => ComponentChildren;
}

interface TableProps<Row> {
  /** What the table lists, for who cannot see it. */
  readonly name: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  /** What tells a row from every other. */
  readonly idOf: (row: Row) => number;
  /** What stands below a row that is opened. */
  readonly detail: (row: Row) => VNode;
  /** Rows of a page. */
  readonly size: number;
  /** Whether rows stand open by themselves. */
  readonly rest: 'closed' | 'opened';
}

/** Where the page is shown: paper has more rows, and those of findings opened. */
export type Medium = 'screen' | 'paper';

/** Rows of a table that paper has. */
export const paperSize = 500;

/** A table that sorts by each column, in pages, with rows that open. */
export function DataTable<Row>(props: TableProps<Row>): VNode {
  const { name, columns, rows, idOf, detail, size, rest } = props;
  const [sort, setSort] = useState<Sort | null>(null);
  const [page, setPage] = useState(0);
  const [opened, setOpened] = useState<ReadonlySet<number>>(new Set());
  const current = Math.min(page, Math.max(0, Math.ceil(rows.length / size) - 1));
  const shown = sortRows(rows, columns, sort).slice(current * size, (current + 1) * size);
  const toggle = (id: number): void => {
    const next = new Set(opened);
    if (!next.delete(id)) next.add(id);
    setOpened(next);
  };
  return (
    <>
      <div class="frame" role="region" aria-label={name} tabIndex={0}>
        {/* Roles, because on a narrow screen its rows are blocks, and browsers would forget what they are. */}
        <table role="table">
          <thead role="rowgroup">
            <tr role="row">
              {columns.map((column) => (
                <Head
                  key={column.id}
                  column={column}
                  sort={sort}
                  choose={() => {
                    setSort(nextSort(sort, column.id));
                    setPage(0);
                  }}
                />
              ))}
            </tr>
          </thead>
          <tbody role="rowgroup">
            {shown.map((row) => (
              <TableRow
                key={idOf(row)}
                row={row}
                columns={columns}
                detail={detail}
                isOpen={rest === 'opened' || opened.has(idOf(row))}
                toggle={() => toggle(idOf(row))}
              />
            ))}
          </tbody>
        </table>
      </div>
      <Pager page={current} size={size} total={rows.length} go={setPage} />
    </>
  );
}

function Head<Row>({
  column: { id, head, look },
  sort,
  choose,
}: {
  readonly column: Column<Row>;
  readonly sort: Sort | null;
  readonly choose: () => void;
}): VNode {
  const direction = sort?.column === id ? sort.direction : undefined;
  return (
    <th scope="col" role="columnheader" class={look} aria-sort={direction}>
      <button type="button" class={`sort ${direction ?? ''}`} onClick={choose}>
        <bdi>{head}</bdi>
      </button>
    </th>
  );
}

function TableRow<Row>({
  row,
  columns,
  detail,
  isOpen,
  toggle,
}: {
  readonly row: Row;
  readonly columns: readonly Column<Row>[];
  readonly detail: (row: Row) => VNode;
  readonly isOpen: boolean;
  readonly toggle: () => void;
}): VNode {
  return (
    <>
      <tr role="row" class={isOpen ? 'opened' : undefined}>
        {columns.map(({ id, head, look, cell }, at) => (
          <td key={id} role="cell" class={look} data-head={head}>
            {at === 0 ? (
              <button type="button" class="opener" aria-expanded={isOpen} onClick={toggle}>
                {cell(row)}
              </button>
            ) : (
              cell(row)
            )}
          </td>
        ))}
      </tr>
      {isOpen ? (
        <tr role="row" class="below">
          <td role="cell" colSpan={columns.length}>
            {detail(row)}
          </td>
        </tr>
      ) : null}
    </>
  );
}
