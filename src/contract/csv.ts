import type { CsvOptions } from '../model/index.ts';
import type { CsvDraft } from './draft.ts';
import type { ContractFile } from './file.ts';
import type { Path } from './path.ts';
import { quote } from './wording.ts';

/**
 * How a copy is written: `base` field by field overridden. Reports signs that are not told apart
 * (where nothing is said, the delimiter is `,` and the quote `"`) and names that stand twice.
 */
export function readCsv(
  file: ContractFile,
  draft: CsvDraft | undefined,
  base: CsvOptions,
  path: Path,
): CsvOptions {
  if (draft === undefined) return base;
  const names = readNames(file, draft.names, [...path, 'names']);
  const csv: CsvOptions = {
    ...base,
    ...(draft.delimiter === undefined ? {} : { delimiter: draft.delimiter }),
    ...(draft.quote === undefined ? {} : { quote: draft.quote === false ? null : draft.quote }),
    ...(draft.comment === undefined ? {} : { comment: draft.comment }),
    ...(draft.names === undefined ? {} : { names }),
  };
  if (!file.isReported(path)) checkSigns(file, csv, path);
  return csv;
}

/** Null also where a name was reported: nothing can be said then of the columns. */
function readNames(
  file: ContractFile,
  draft: CsvDraft['names'],
  path: Path,
): readonly string[] | null {
  const names = (draft ?? []).filter((name) => name !== undefined);
  names.forEach((name, index) => {
    if (names.indexOf(name) === index) return;
    file.report([...path, index], `column ${quote(name)} is named twice`);
  });
  return draft === null || file.isReported(path) ? null : names;
}

function checkSigns(file: ContractFile, csv: CsvOptions, path: Path): void {
  const signs = [
    ['delimiter', csv.delimiter ?? ','],
    ['quote', csv.quote === undefined ? '"' : csv.quote],
    ['comment', csv.comment ?? null],
  ] as const;
  signs.forEach(([name, sign], index) => {
    const same = signs.slice(0, index).find(([, earlier]) => sign !== null && earlier === sign);
    if (same === undefined) return;
    file.report(path, `"${same[0]}" and "${name}" are the same character, ${quote(sign ?? '')}`);
  });
}
