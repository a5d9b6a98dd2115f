import { type ProposedWord } from '../proposal.ts';
import {
  get,
  listAt,
  textOf,
  type ContractKind,
  type Path,
  type SourceDocument,
  type SourceTable,
} from './document.ts';

/** Properties of dbt's seeds: `unique` of a column, `unique_combination_of_columns` of several. */
export const dbt: ContractKind = {
  what: 'properties of dbt seeds',
  recognizes: (data) => Array.isArray(get(data, 'seeds')),
  tables: (document) =>
    listAt(document, ['seeds']).flatMap(({ value, path }) => {
      const name = textOf(get(value, 'name'));
      return name === null ? [] : [seed(document, name, path)];
    }),
};

function seed(document: SourceDocument, name: string, path: Path): SourceTable {
  const delimiter = textOf(document.at([...path, 'config', 'delimiter']));
  const note = `${document.where([...path, 'config', 'delimiter'])}: config.delimiter`;
  const csv: readonly ProposedWord[] =
    delimiter === null || delimiter === ','
      ? []
      : [{ word: 'csv', value: { delimiter }, notes: [note] }];
  return {
    name,
    file: { name: `${name}.csv` },
    runtime: null,
    words: [...csv, keyWord(document, path)],
  };
}

/** Tests as they are called now, and as they were called. */
const testWords = ['data_tests', 'tests'] as const;

function testsAt(
  document: SourceDocument,
  path: Path,
): readonly { readonly value: unknown; readonly path: Path }[] {
  return testWords.flatMap((word) => listAt(document, [...path, word]));
}

function keyWord(document: SourceDocument, path: Path): ProposedWord {
  for (const { value, path: at } of testsAt(document, path)) {
    const name = 'dbt_utils.unique_combination_of_columns';
    const test = get(value, name);
    const columns =
      get(test, 'combination_of_columns') ?? get(get(test, 'arguments'), 'combination_of_columns');
    const named = (Array.isArray(columns) ? columns : []).flatMap((one) => textOf(one) ?? []);
    if (named.length > 0)
      return { word: 'key', value: named, notes: [`${document.where(at)}: ${name}`] };
  }
  const columns = listAt(document, [...path, 'columns']);
  for (const { value, path: at } of columns) {
    const name = textOf(get(value, 'name'));
    const test = testsAt(document, at).find(
      (one) => one.value === 'unique' || get(one.value, 'unique') !== undefined,
    );
    if (name !== null && test !== undefined) {
      return { word: 'key', value: [name], notes: [`${document.where(test.path)}: unique`] };
    }
  }
  const unsure = ['no test says what is unique: name the columns of a unit of work'];
  return {
    word: 'key',
    value: [textOf(get(columns[0]?.value, 'name')) ?? 'id'],
    notes: [],
    unsure,
  };
}
