import { quote, tellLines, type KeyColumn } from '../model/index.ts';
import { said, type Layers, type Said, type Words } from './draft.ts';
import { pathText, type ContractFile, type Path } from './file.ts';

/** The columns of an artifact by what they are to it. */
export interface Columns {
  readonly key: readonly KeyColumn[];
  readonly consumes: readonly string[] | null;
  readonly descriptive: readonly string[];
}

type NamedColumns = Pick<Columns, 'key' | 'consumes'>;

/** Reads the three lists of columns; reports a column that is named twice, in one or in two. */
export function readColumns(layers: Layers): Columns {
  const key = said(layers, 'key');
  const [consumes, descriptive] = readOthers(layers);
  const taken = new Map<string, Path>();
  const lines = new Map<string, number>();
  const take = (column: string, file: ContractFile, at: Path): void => {
    const first = taken.get(column);
    if (first === undefined) taken.set(column, at);
    else file.report(at, `column ${quote(column)} is named twice, first at ${pathText(first)}`);
  };
  const takeAll = (by: Said<NonNullable<Words['consumes']>> | null): readonly string[] =>
    (by?.value ?? []).flatMap((column, index) => {
      if (column === undefined || by === null) return [];
      take(column, by.file, [...by.path, index]);
      if (by === consumes) lines.set(column, by.file.lineOf([...by.path, index]));
      return [column];
    });
  const keyColumns = (key?.value ?? []).flatMap((item, index): KeyColumn[] => {
    const column = typeof item === 'string' ? item : item?.column;
    if (column === undefined || key === null) return [];
    take(column, key.file, [...key.path, index]);
    lines.set(column, key.file.lineOf([...key.path, index]));
    return [{ column, optional: typeof item === 'object' && item.optional === true }];
  });
  const consumed = takeAll(consumes);
  tellLines(keyColumns, lines);
  return {
    key: keyColumns,
    consumes: consumes === null ? null : consumed,
    descriptive: takeAll(descriptive),
  };
}

/** Who says what is consumed, in one of two ways: the inner one counts, and one says it once. */
function readOthers(
  layers: Layers,
): readonly [
  consumes: Said<NonNullable<Words['consumes']>> | null,
  descriptive: Said<NonNullable<Words['descriptive']>> | null,
] {
  const by = layers.find(
    ({ words }) => words.consumes !== undefined || words.descriptive !== undefined,
  );
  if (by === undefined) return [null, null];
  const consumes = said([by], 'consumes');
  const descriptive = said([by], 'descriptive');
  if (consumes !== null && descriptive !== null) {
    const message = '"consumes" and "descriptive" are both given';
    const hint = 'Keep one: "consumes" names what counts, "descriptive" what does not.';
    by.file.report(descriptive.path, message, hint);
  }
  return [consumes, descriptive];
}

/** A copy's map from contract column to header name; reports names that cannot be told apart. */
export function readRenamed(
  file: ContractFile,
  draft: Readonly<Record<string, string | undefined>> | undefined,
  columns: NamedColumns,
  path: Path,
): ReadonlyMap<string, string> {
  const renamed = new Map<string, string>();
  const declared = declaredColumns(columns);
  for (const column of file.namesIn(path)) {
    const header = draft?.[column];
    if (header === undefined) continue;
    const at = [...path, column];
    if (columns.consumes !== null && !declared.includes(column)) {
      const message = `column ${quote(column)} is neither in "key" nor in "consumes"`;
      file.report(at, message, `Known here: ${declared.join(', ')}.`);
    }
    const other = [...renamed].find(([, taken]) => taken === header)?.[0];
    if (other !== undefined) {
      file.report(at, `columns ${quote(other)} and ${quote(column)} are both ${quote(header)}`);
    }
    renamed.set(column, header);
  }
  for (const [column, header] of renamed) {
    // {a: b} beside an own column b: one column of the copy would be read as two.
    if (header === column || renamed.has(header) || !declared.includes(header)) continue;
    const message = `columns ${quote(header)} and ${quote(column)} are both ${quote(header)}`;
    file.report([...path, column], message, `Say which column of this copy is ${quote(header)}.`);
  }
  return renamed;
}

/** Key and consumed columns that a contract names. */
export function declaredColumns({ key, consumes }: NamedColumns): readonly string[] {
  return [...key.map(({ column }) => column), ...(consumes ?? [])];
}

/** Reports key and consumed columns that a copy's own `names` (it has no header) do not have. */
export function checkNamed(
  file: ContractFile,
  columns: NamedColumns,
  copy: { names: readonly string[] | null; renamed: ReadonlyMap<string, string>; path: Path },
): void {
  const names = copy.names;
  if (names === null || file.isReported(copy.path)) return;
  for (const column of declaredColumns(columns)) {
    const header = copy.renamed.get(column) ?? column;
    if (names.includes(header)) continue;
    file.report(copy.path, `column ${quote(header)} is not in the "names" of this copy`);
  }
}
