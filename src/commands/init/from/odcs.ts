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

/** The Open Data Contract Standard, version 3; of version 2 the tables and their keys. */
export const odcs: ContractKind = {
  what: 'an Open Data Contract Standard file',
  recognizes: (data) =>
    get(data, 'kind') === 'DataContract' ||
    (get(data, 'apiVersion') !== undefined && Array.isArray(get(data, 'schema'))),
  tables(document) {
    const tables = listAt(document, ['schema']);
    const old = listAt(document, ['dataset']);
    const all = tables.length > 0 ? tables : old;
    return all.map(({ path }) => table(document, path, all.length === 1));
  },
};

function table(document: SourceDocument, path: Path, isOnly: boolean): SourceTable {
  const at = (name: string): string | null => textOf(document.at([...path, name]));
  const name = at('name') ?? at('table') ?? at('physicalName') ?? 'table';
  const physical = at('physicalName');
  return {
    name,
    file: { name: physical ?? name },
    runtime: runtimeOf(document, { name, physical, isOnly }),
    words: [...ownerWord(document), keyWord(document, path), ...normalizeWord(document, path)],
  };
}

interface Column {
  readonly name: string;
  readonly path: Path;
  readonly value: unknown;
}

function columnsOf(document: SourceDocument, path: Path): readonly Column[] {
  const properties = listAt(document, [...path, 'properties']);
  const all = properties.length > 0 ? properties : listAt(document, [...path, 'columns']);
  return all.flatMap((one) => {
    const { value } = one;
    const name =
      textOf(get(value, 'physicalName')) ??
      textOf(get(value, 'name')) ??
      textOf(get(value, 'column'));
    return name === null ? [] : [{ ...one, name }];
  });
}

const keyWords = ['primaryKey', 'isPrimaryKey', 'isPrimary'] as const;

function keyWord(document: SourceDocument, path: Path): ProposedWord {
  const columns = columnsOf(document, path);
  const named = columns
    .flatMap((column) => {
      const word = keyWords.find((one) => get(column.value, one) === true);
      return word === undefined ? [] : [{ ...column, word, position: positionOf(column.value) }];
    })
    .toSorted((a, b) => a.position - b.position);
  if (named.length > 0) {
    const notes = named.map(({ name, path: at, word }) => {
      return `${document.where([...at, word])}: ${name} is ${word}`;
    });
    return { word: 'key', value: named.map(({ name }) => name), notes };
  }
  const unique = columns.find(
    ({ value }) => get(value, 'unique') === true || get(value, 'isUnique') === true,
  );
  const first = unique ?? columns[0];
  const notes =
    unique === undefined ? [] : [`${document.where(unique.path)}: ${unique.name} is unique`];
  const unsure = ['it has no primaryKey: name the columns of a unit of work'];
  return { word: 'key', value: [first?.name ?? 'id'], notes, unsure };
}

function positionOf(column: unknown): number {
  const position = get(column, 'primaryKeyPosition');
  return typeof position === 'number' && position > 0 ? position : Number.MAX_SAFE_INTEGER;
}

function normalizeWord(document: SourceDocument, path: Path): readonly ProposedWord[] {
  const told = columnsOf(document, path).flatMap(({ name, value, path: at }) => {
    const type = textOf(get(value, 'logicalType'));
    if (!typesWithStep.has(type) || get(value, 'logicalTypeOptions') !== undefined) return [];
    return [
      { name, step: type, note: `${document.where([...at, 'logicalType'])}: ${name} is ${type}` },
    ];
  });
  if (told.length === 0) return [];
  const value = Object.fromEntries(told.map(({ name, step }) => [name, [step]]));
  return [{ word: 'normalize', value, notes: told.map(({ note }) => note) }];
}

function ownerWord(document: SourceDocument): readonly ProposedWord[] {
  const members = [...listAt(document, ['team']), ...listAt(document, ['team', 'members'])];
  const owner = members.find(({ value }) => /owner/i.test(textOf(get(value, 'role')) ?? ''));
  const name = textOf(get(owner?.value, 'username'));
  if (owner === undefined || name === null) return [];
  return [{ word: 'owner', value: name, notes: [`${document.where(owner.path)}: team`] }];
}

/** The first server that is an object's; a location of many is none. */
function runtimeOf(
  document: SourceDocument,
  asked: { name: string; physical: string | null; isOnly: boolean },
): SourceTable['runtime'] {
  for (const { value, path } of listAt(document, ['servers'])) {
    const location = textOf(get(value, 'location'));
    if (location?.startsWith('s3://') !== true) continue;
    const filled = location.replaceAll(/\{(?:model|table|name)\}/g, asked.physical ?? asked.name);
    if (/[*?{}]|\/$/.test(filled) || (filled === location && !asked.isOnly)) continue;
    const endpoint = textOf(get(value, 'endpointUrl'));
    const note = `${document.where([...path, 'location'])}: servers`;
    return { value: endpoint === null ? filled : { url: filled, endpoint }, note };
  }
  return null;
}
