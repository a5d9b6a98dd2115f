import type { Cells, Finding, ReportedRow } from '../../model/index.ts';

/** Cells: which list of columns they are of, then their values. */
type PackedCells = readonly [shape: number, ...values: (string | null)[]];

/** A row: 0 for the reviewed and 1 for the runtime side, its record and line, its cells; its place. */
type PackedRow = readonly [
  side: 0 | 1,
  record: number,
  line: number,
  cells: PackedCells,
  place?: string,
];

/** A finding without the names that every finding of its artifact repeats. */
export type PackedFinding = readonly [
  kind: Finding['kind'],
  side: Finding['side'],
  severity: Finding['severity'],
  key: PackedCells | null,
  fields: readonly string[],
  reason: string | null,
  reviewed: number,
  runtime: number,
  rows: readonly PackedRow[],
  respelled: PackedCells | null,
];

/** Lists of columns, each once. */
export type Shapes = readonly (readonly string[])[];

function ofPlace(place: string | undefined): readonly [] | readonly [string] {
  return place === undefined ? [] : [place];
}

/** Packs findings one after the other; `shapes` grows with the lists of columns they have. */
export function packer(): {
  readonly shapes: Shapes;
  readonly pack: (finding: Finding) => PackedFinding;
} {
  const shapes: (readonly string[])[] = [];
  const known = new Map<string, number>();
  const packCells = (cells: Cells): PackedCells => {
    const columns = cells.map(([column]) => column);
    const name = JSON.stringify(columns);
    const shape = known.get(name) ?? shapes.push(columns) - 1;
    known.set(name, shape);
    return [shape, ...cells.map(([, value]) => value)];
  };
  const packRow = ({ side, record, line, values, place }: ReportedRow): PackedRow => [
    side === 'reviewed' ? 0 : 1,
    record,
    line,
    packCells(values),
    ...ofPlace(place),
  ];
  const pack = (finding: Finding): PackedFinding => [
    finding.kind,
    finding.side,
    finding.severity,
    finding.key && packCells(finding.key),
    finding.fields,
    finding.reason,
    finding.rowCount.reviewed,
    finding.rowCount.runtime,
    finding.rows.map(packRow),
    finding.respelled && packCells(finding.respelled),
  ];
  return { shapes, pack };
}

/** What `pack` was given. */
export function unpack(packed: PackedFinding, shapes: Shapes): Finding {
  const [kind, side, severity, key, fields, reason, reviewed, runtime, rows, respelled] = packed;
  return {
    kind,
    side,
    severity,
    key: key && unpackCells(key, shapes),
    fields,
    reason,
    rowCount: { reviewed, runtime },
    rows: rows.map(([of, record, line, cells, place]) => ({
      side: of === 0 ? 'reviewed' : 'runtime',
      record,
      line,
      ...(place === undefined ? {} : { place }),
      values: unpackCells(cells, shapes),
    })),
    respelled: respelled && unpackCells(respelled, shapes),
  };
}

function unpackCells([shape, ...values]: PackedCells, shapes: Shapes): Cells {
  const columns = shapes[shape] ?? [];
  return columns.map((column, index) => [column, values[index] ?? null]);
}
