import {
  heldTo,
  nearFrom,
  tooLarge,
  type ErrorPlace,
  type FormatWarning,
  type ReadLimits,
} from '../model/index.ts';

/** Holds records and cells against the contract's limits as they are read. */
export interface Measure {
  /** A smaller record or cell needs no second look. */
  readonly nearRecord: number;
  readonly nearCell: number;
  /** A record of so many bytes. Throws `TOO_LARGE`. */
  record(bytes: number, at: MeasuredPlace): void;
  /** One of its cells. Throws `TOO_LARGE`. */
  cell(bytes: number, at: MeasuredPlace): void;
  /** What came near a limit, once each: the first that did. */
  warnings(): readonly FormatWarning[];
}

/** Where something stands that is measured, in words and for machines. */
export interface MeasuredPlace {
  /** `record 3 (line 4)`. */
  readonly text: string;
  readonly record?: number;
  readonly line?: number;
}

export function createMeasure({ recordBytes, cellBytes }: ReadLimits): Measure {
  const near = new Map<'recordBytes' | 'cellBytes', FormatWarning>();
  const hold = (
    key: 'recordBytes' | 'cellBytes',
    limit: number,
    bytes: number,
    what: string,
    at: MeasuredPlace,
  ): void => {
    const told = heldTo(key, limit, bytes, `${what} has ${bytes} bytes`, placeOf(at));
    if (told === null || near.has(key)) return;
    near.set(key, { code: 'NEAR_LIMIT', message: told, line: at.line ?? null });
  };
  return {
    nearRecord: nearFrom(recordBytes),
    nearCell: nearFrom(cellBytes),
    record: (bytes, at) => hold('recordBytes', recordBytes, bytes, at.text, at),
    cell: (bytes, at) => hold('cellBytes', cellBytes, bytes, `a cell of ${at.text}`, at),
    warnings: () => [...near.values()],
  };
}

/** The error of a record that is beyond its limit before its end was seen. */
export function recordTooLarge({ recordBytes }: ReadLimits, at: MeasuredPlace): Error {
  return tooLarge(
    'recordBytes',
    recordBytes,
    `${at.text} has more than ${recordBytes} bytes`,
    placeOf(at),
  );
}

/** Cells that a record may have, whatever its width: where so many were asked for, so many. */
export function mostCells({ columns }: ReadLimits): number {
  return Math.max(columns, 2 ** 20);
}

/** The error of a record of more cells than that. */
export function tooManyCells(limits: ReadLimits, at: MeasuredPlace): Error {
  const what = `${at.text} has more than ${mostCells(limits)} cells`;
  return tooLarge('columns', limits.columns, what, placeOf(at));
}

/** The error of what does not fit into memory. */
export function memoryTooSmall({ memory }: ReadLimits, bytes: number): Error {
  return tooLarge('memory', memory, `reading it would take about ${bytes} bytes of memory`);
}

function placeOf({ record, line }: MeasuredPlace): ErrorPlace {
  return {
    ...(record === undefined || record === 0 ? {} : { record }),
    ...(line === undefined || line === 0 ? {} : { line }),
  };
}
