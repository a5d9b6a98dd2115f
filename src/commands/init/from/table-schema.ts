import { type ProposedWord } from '../proposal.ts';
import {
  get,
  listAt,
  textOf,
  typesWithStep,
  type ContractKind,
  type Path,
  type SourceDocument,
  type SourceTable,
} from './document.ts';

/** Frictionless: a Table Schema by itself, a resource with one, or a package of resources. */
export const tableSchema: ContractKind = {
  what: 'a Frictionless Table Schema',
  recognizes: (data) =>
    Array.isArray(get(data, 'fields')) ||
    Array.isArray(get(data, 'resources')) ||
    (get(data, 'schema') !== undefined && get(data, 'path') !== undefined),
  tables(document) {
    const resources = listAt(document, ['resources']);
    if (resources.length > 0) return resources.map(({ path }) => resource(document, path));
    if (Array.isArray(document.at(['fields']))) return [table(document, [], null)];
    return [resource(document, [])];
  },
};

function resource(document: SourceDocument, path: Path): SourceTable {
  const told = table(document, [...path, 'schema'], textOf(document.at([...path, 'name'])));
  const file = document.at([...path, 'path']);
  const first = textOf(Array.isArray(file) ? file[0] : file);
  const isUrl = first !== null && /^[a-z][a-z0-9+.-]*:\/\//i.test(first);
  const words = [...encodingWord(document, path), ...dialectWord(document, path), ...told.words];
  return {
    ...told,
    name: told.name === 'schema' && first !== null ? first : told.name,
    file: first === null || isUrl ? null : { path: first },
    runtime:
      first?.startsWith('s3://') === true
        ? { value: first, note: `${document.where([...path, 'path'])}: path` }
        : null,
    words,
  };
}

function table(document: SourceDocument, path: Path, name: string | null): SourceTable {
  return {
    name: name ?? textOf(document.at([...path, 'name'])) ?? 'schema',
    file: null,
    runtime: null,
    words: [keyWord(document, path), ...normalizeWord(document, path)],
  };
}

function keyWord(document: SourceDocument, path: Path): ProposedWord {
  const primary = document.at([...path, 'primaryKey']);
  const named = (Array.isArray(primary) ? primary : [primary]).flatMap((one) => textOf(one) ?? []);
  if (named.length > 0) {
    const notes = [`${document.where([...path, 'primaryKey'])}: primaryKey`];
    return { word: 'key', value: named, notes };
  }
  const fields = listAt(document, [...path, 'fields']);
  const unique = fields.find(({ value }) => get(get(value, 'constraints'), 'unique') === true);
  const first = unique ?? fields[0];
  const name = textOf(get(first?.value, 'name')) ?? 'id';
  return {
    word: 'key',
    value: [name],
    notes: unique === undefined ? [] : [`${document.where(unique.path)}: constraints.unique`],
    unsure: ['it has no primaryKey: name the columns of a unit of work'],
  };
}

function normalizeWord(document: SourceDocument, path: Path): readonly ProposedWord[] {
  const missing = document.at([...path, 'missingValues']);
  const empties = (Array.isArray(missing) ? missing : []).flatMap((one) => textOf(one) ?? []);
  const notes: string[] = [];
  if (empties.length > 0)
    notes.push(`${document.where([...path, 'missingValues'])}: missingValues`);
  const value = listAt(document, [...path, 'fields']).flatMap(({ value: field, path: at }) => {
    const name = textOf(get(field, 'name'));
    const step = stepOf(field);
    if (name === null) return [];
    const own = [
      ...(empties.length > 0 ? [{ empty: empties }] : []),
      ...(step === null ? [] : [step]),
    ];
    if (own.length === 0) return [];
    if (step !== null)
      notes.push(`${document.where([...at, 'type'])}: ${name} is ${String(get(field, 'type'))}`);
    return [[name, own] as const];
  });
  return value.length === 0 ? [] : [{ word: 'normalize', value: Object.fromEntries(value), notes }];
}

function stepOf(field: unknown): unknown {
  const type = get(field, 'type');
  const step = typesWithStep.has(type) ? type : null;
  const format = textOf(get(field, 'format'));
  if (step === 'date' && format !== null && format !== 'default' && format !== 'any') {
    const form = format.replace('%Y', 'YYYY').replace('%m', 'MM').replace('%d', 'DD');
    return form.includes('%') ? null : { date: [form] };
  }
  const isOwn = ['decimalChar', 'groupChar', 'trueValues', 'falseValues'].some(
    (word) => get(field, word) !== undefined,
  );
  return isOwn || get(field, 'bareNumber') === false ? null : step;
}

function encodingWord(document: SourceDocument, path: Path): readonly ProposedWord[] {
  const encoding = textOf(document.at([...path, 'encoding']));
  if (encoding === null || /^utf-?8$/i.test(encoding)) return [];
  const notes = [`${document.where([...path, 'encoding'])}: encoding`];
  return [{ word: 'encoding', value: encoding.toLowerCase(), notes }];
}

function dialectWord(document: SourceDocument, path: Path): readonly ProposedWord[] {
  const dialect = document.at([...path, 'dialect']);
  const csv = get(dialect, 'csv') ?? dialect;
  const word = (name: string, as: string): Record<string, string> => {
    const value = textOf(get(csv, name));
    return value === null ? {} : { [as]: value };
  };
  const words = {
    ...word('delimiter', 'delimiter'),
    ...word('quoteChar', 'quote'),
    ...word('escapeChar', 'escape'),
    ...word('commentChar', 'comment'),
  };
  if (words['delimiter'] === ',') delete words['delimiter'];
  if (words['quote'] === '"') delete words['quote'];
  if (Object.keys(words).length === 0) return [];
  return [
    { word: 'csv', value: words, notes: [`${document.where([...path, 'dialect'])}: dialect`] },
  ];
}
