import type { VNode } from 'preact';
import type { Finding, ReportedRow } from '../../../model/index.ts';
import { showCell, showValue } from '../../escape.ts';
import { valueOf } from '../../rows.ts';
import { hiddenRows, showApart, whatText } from '../finding-facts.ts';
import { differingPart } from './differing.ts';

/** The rows of findings of one key, or of one record, both sides; what differs is marked. */
export function FindingRows({ findings }: { readonly findings: readonly Finding[] }): VNode {
  const rows = distinctRows(findings);
  const fields = new Set(findings.flatMap((finding) => finding.fields));
  const columns = [...new Set(rows.flatMap(({ values }) => values.map(([column]) => column)))];
  const notes = findings.flatMap((finding) => [
    ...(finding.reason === null && finding.respelled === null ? [] : [whatText(finding)]),
    ...[hiddenRows(finding, 'reviewed'), hiddenRows(finding, 'runtime')].filter(
      (note) => note !== null,
    ),
  ]);
  return (
    <div class="rows">
      {[...new Set(notes)].map((note) => (
        <p key={note} class="note">
          <bdi>{note}</bdi>
        </p>
      ))}
      {rows.length === 0 ? null : (
        <table>
          <thead>
            <tr>
              <th scope="col">side</th>
              <th scope="col" class="number">
                line
              </th>
              {columns.map((column) => (
                <th key={column} scope="col" class={fields.has(column) ? 'differs' : undefined}>
                  <bdi>{showValue(column)}</bdi>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={`${row.side} ${row.record}`} class={row.side}>
                <td class="short">{row.side}</td>
                <td class="number">{row.line}</td>
                {columns.map((column) =>
                  fields.has(column) ? (
                    <Differing key={column} row={row} rows={rows} column={column} />
                  ) : (
                    <td key={column}>
                      <bdi>{cellText(row, column)}</bdi>
                    </td>
                  ),
                )}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}

/** A cell of a column in which rows disagree, with the part of it that differs. */
function Differing({
  row,
  rows,
  column,
}: {
  readonly row: ReportedRow;
  readonly rows: readonly ReportedRow[];
  readonly column: string;
}): VNode {
  const value = valueOf(row, column);
  const others = rows.map((one) => valueOf(one, column)).filter((one) => one !== value);
  const other = others[0] ?? null;
  const [before, part, after] =
    others.length === 0
      ? [showCell(value), '', '']
      : differingPart(showApart(value, other), showApart(other, value));
  return (
    <td class="differs">
      <bdi>
        {before}
        <mark>{part}</mark>
        {after}
      </bdi>
    </td>
  );
}

function cellText(row: ReportedRow, column: string): string {
  return showCell(valueOf(row, column));
}

/** Each row once, though several findings name it; reviewed first, in file order. */
function distinctRows(findings: readonly Finding[]): readonly ReportedRow[] {
  const rows = new Map<string, ReportedRow>();
  for (const row of findings.flatMap((finding) => finding.rows)) {
    rows.set(`${row.side} ${row.record}`, row);
  }
  return [...rows.values()].sort(
    (a, b) => Number(a.side === 'runtime') - Number(b.side === 'runtime') || a.record - b.record,
  );
}
