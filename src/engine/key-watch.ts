import type { FormatWarning, RowPlace } from '../model/index.ts';
import type { KeyObserver } from './row.ts';

/** What pandas reads as "no value" unless it is told otherwise. */
export const nullTokens: readonly string[] =
  '#N/A,#N/A N/A,#NA,-1.#IND,-1.#QNAN,-NaN,-nan,1.#IND,1.#QNAN,<NA>,N/A,NA,NULL,NaN,None,n/a,nan,null'.split(
    ',',
  );
const nullTokenSet: ReadonlySet<string> = new Set(nullTokens);

/** Collects key values that other readers change: the first place of each sort and column. */
export interface KeyWatch {
  readonly observe: KeyObserver;
  warnings(): readonly FormatWarning[];
}

export function createKeyWatch(): KeyWatch {
  const found = new Map<string, FormatWarning>();
  const add = (code: string, column: string, { line }: RowPlace, message: string): void => {
    const id = JSON.stringify([code, column]);
    if (!found.has(id)) found.set(id, { code, message, line: line === 0 ? null : line });
  };
  return {
    observe(column, value, row) {
      if (nullTokenSet.has(value)) {
        const message = `key column ${column} holds ${value}: pandas reads it as a missing value`;
        add('KEY_NULL_TOKEN', column, row.place, message);
      } else if (value.length > 1 && value.startsWith('0') && /^[0-9]+$/.test(value)) {
        const message = `key column ${column} holds numbers with leading zeros, which pandas and spreadsheets drop`;
        add('KEY_LEADING_ZERO', column, row.place, message);
      } else if (hasLostDigits(value)) {
        const message = `key column ${column} holds numbers that a spreadsheet rounded, as 1.23457E+17: their digits are lost`;
        add('KEY_DIGITS_LOST', column, row.place, message);
      }
    },
    warnings: () => [...found.values()],
  };
}

/** Whether a number was written with fewer digits than it had, as spreadsheets show long ones. */
export function hasLostDigits(value: string): boolean {
  const match = /^[+-]?[0-9](?:[.,]([0-9]{1,14}))?[eE]\+?([0-9]{1,3})$/.exec(value);
  return match !== null && Number(match[2]) >= 11 && Number(match[2]) > (match[1]?.length ?? 0);
}
