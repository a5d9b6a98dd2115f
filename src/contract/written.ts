import { nearestHint, quote, type CsvOptions, type WrittenWords } from '../model/index.ts';
import { allSaid, said, type CsvDraft, type Layers, type Said } from './draft.ts';
import type { ContractFile, Path } from './file.ts';
import type { KnownForms } from './places.ts';

/**
 * How a copy is written, field by field. Reports signs that are not told apart (where nothing is
 * said, the delimiter is `,` and the quote `"`) and names that stand twice.
 */
export function readCsv(layers: Layers): CsvOptions {
  let csv: CsvOptions = {};
  for (const { value, file, path } of allSaid(layers, 'csv').toReversed()) {
    const names = readNames(file, value.names, [...path, 'names']);
    csv = {
      ...csv,
      ...(value.delimiter === undefined ? {} : { delimiter: value.delimiter }),
      ...(value.quote === undefined ? {} : { quote: value.quote === false ? null : value.quote }),
      ...(value.escape === undefined ? {} : { escape: value.escape }),
      ...(value.comment === undefined ? {} : { comment: value.comment }),
      ...(value.names === undefined ? {} : { names }),
    };
    if (!file.isReported(path)) checkSigns(file, csv, path);
  }
  return csv;
}

/** How the bytes of a copy are a table, word by word; null: nobody says anything. */
export function readWritten(layers: Layers, forms: KnownForms): WrittenWords | null {
  const format = said(layers, 'format');
  const encoding = said(layers, 'encoding');
  const compression = said(layers, 'compression');
  checkForm('format', format, forms.formats);
  checkForm('compression', compression, [...forms.compressions, 'none']);
  if (encoding !== null && !forms.isEncoding(encoding.value)) {
    encoding.file.report(encoding.path, `${quote(encoding.value)} is no encoding that is known`);
  }
  const records = said(layers, 'records')?.value;
  const keyColumn = said(layers, 'keyColumn')?.value;
  const nulls = said(layers, 'nulls')?.value;
  const parts = said(layers, 'parts')?.value;
  const complete = said(layers, 'complete');
  // What an artifact says is for its runtime copies too: those tell whether it means anything.
  const isOwn = complete?.rank === 'copy' || layers[0]?.path.includes('runtime') === true;
  if (complete !== null && parts === undefined && isOwn) {
    const hint = 'Say which files are parts: parts: "*.parquet"';
    complete.file.report(complete.path, '"complete" without meaning: nothing says `parts`', hint);
  }
  const words = {
    ...(format === null ? {} : { format: format.value }),
    ...(encoding === null ? {} : { encoding: encoding.value }),
    ...(compression === null ? {} : { compression: compression.value }),
    ...(records === undefined ? {} : { records }),
    ...(keyColumn === undefined ? {} : { keyColumn }),
    ...(nulls === undefined ? {} : { nulls }),
    ...(parts === undefined ? {} : { parts }),
    ...(complete === null ? {} : { complete: complete.value }),
  };
  return Object.keys(words).length === 0 ? null : words;
}

function checkForm(word: string, by: Said<string> | null, known: readonly string[]): void {
  if (by === null || known.includes(by.value) || by.file.isReported(by.path)) return;
  const message = `${quote(by.value)} is no ${word}: expected ${known.join(', ')}`;
  by.file.report(by.path, message, nearestHint(by.value, known));
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
    // A quote may be what escapes another one.
    ['escape', csv.escape === csv.quote || csv.escape === '"' ? null : (csv.escape ?? null)],
  ] as const;
  signs.forEach(([name, sign], index) => {
    const same = signs.slice(0, index).find(([, earlier]) => sign !== null && earlier === sign);
    if (same === undefined) return;
    file.report(path, `"${same[0]}" and "${name}" are the same character, ${quote(sign ?? '')}`);
  });
}
