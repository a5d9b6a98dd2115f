import { basename } from 'node:path';
import { parseLocation } from '../../contract/index.ts';
import { stemOf } from '../../formats/index.ts';
import { openTable } from '../../judge/open-table.ts';
import { registriesOf } from '../../judge/registries.ts';
import {
  count,
  type FormatRegistry,
  type Location,
  type NormalizationStep,
  type Table,
} from '../../model/index.ts';
import { requestOf, tellDialect, type Dialect } from './dialect.ts';
import { findKeys, mayName, type KeyCandidate } from './keys.ts';
import {
  hashCells,
  holdsAddresses,
  profileColumns,
  rolesOf,
  type CellHashes,
  type ColumnProfile,
  type ColumnRole,
} from './profile.ts';
import type { InitRequest, Proposal, ProposedWord } from './proposal.ts';
import { suggestSteps, type SuggestedSteps } from './steps.ts';
import { placesOf, readerWord } from './place-words.ts';

/** Looks into a file, and proposes the artifact of a contract for it. */
export async function proposeFor(request: InitRequest): Promise<Proposal> {
  const { context, sources, file, stdin, repository } = request;
  const location = stdin ?? locationOf(file, request);
  const scheme = sources.scheme(location);
  const copy = await sources.pin(location);
  const { formats } = registriesOf(context);
  const dialect = await tellDialect(copy, formats);
  const { table, close } = await openTable(copy, requestOf(dialect, formats));
  try {
    const looked = await lookInto(table);
    const name = scheme.nameOf(location);
    const whereabouts = { location, name, repository };
    const places = await placesOf(request, whereabouts);
    const { rows, isAll } = looked.profiles[0] ?? { rows: 0, isAll: true };
    const head = [
      `proposed by keydrift init from ${file === '-' ? 'stdin' : file}: ${isAll ? '' : 'more than '}${count(rows, 'row')}, ${count(table.columns.length, 'column')} (${dialect.format})`,
      'a proposal of what the data shows: read it, and decide what the job promises',
    ];
    return {
      name: request.name ?? nameFor(formats, name),
      head,
      words: [
        ...places,
        ...dialectWords(dialect),
        keyWord(looked, table),
        ...normalizeWord(looked),
        ...descriptiveWord(looked),
        ...(await readerWord(request, whereabouts)),
      ],
    };
  } finally {
    await close();
  }
}

function locationOf(text: string, { context, access }: InitRequest): Location {
  return parseLocation(text, {
    side: 'runtime',
    directory: context.workingDirectory,
    namedBy: 'person',
    access,
    schemes: registriesOf(context).schemes,
  });
}

/** What was seen in a table. */
interface Looked {
  readonly profiles: readonly ColumnProfile[];
  readonly roles: readonly ColumnRole[];
  readonly steps: readonly SuggestedSteps[];
  readonly hashes: CellHashes;
  readonly keys: readonly Told[];
}

/** A candidate with the keys that repeat, to be shown. */
interface Told extends KeyCandidate {
  readonly shown: readonly string[];
}

async function lookInto(table: Table): Promise<Looked> {
  const profiles = await profileColumns(table);
  const rows = profiles[0]?.rows ?? 0;
  const roles = rolesOf(profiles);
  const steps = profiles.map((column, at) => suggestSteps(column, roles[at]!));
  const all = new Map<string, readonly NormalizationStep[]>(
    profiles.map(({ name }, at) => [name, steps[at]!.steps]),
  );
  const hashes = await hashCells(table, all, rows);
  const keys = findKeys({ hashes, profiles, roles });
  return { profiles, roles, steps, hashes, keys: await showRepeats(table, keys) };
}

/** Where the rows stand that repeat under each candidate. */
async function showRepeats(table: Table, keys: readonly KeyCandidate[]): Promise<readonly Told[]> {
  const wanted = new Set(
    keys.flatMap(({ repeats }) => repeats.flatMap(([a, b]) => [a + 1, b + 1])),
  );
  const records = Uint32Array.from([...wanted].toSorted((a, b) => a - b));
  const rows = new Map<number, { readonly place: string; readonly cells: readonly string[] }>();
  if (records.length > 0) {
    await table.reread(records, (record) => {
      const cells = table.columns.map((_, at) => record.shown(at) ?? '');
      rows.set(record.record, { place: record.place.text, cells });
    });
  }
  return keys.map((key) => ({
    ...key,
    shown: key.repeats.map(([first, again]) => {
      const [a, b] = [rows.get(first + 1), rows.get(again + 1)];
      const values = key.columns.map((at) => JSON.stringify(a?.cells[at] ?? ''));
      return `${values.join(', ')} (${a?.place} and ${b?.place})`;
    }),
  }));
}

function dialectWords({ words, notes, unsure }: Dialect): readonly ProposedWord[] {
  const told = Object.entries(words);
  return told.map(([word, value], at) => ({
    word,
    value,
    notes: notes[word] === undefined ? [] : [notes[word]],
    ...(at === told.length - 1 ? { unsure } : {}),
  }));
}

function keyWord({ keys, profiles, roles, hashes }: Looked, table: Table): ProposedWord {
  const names = ({ columns }: KeyCandidate): string =>
    columns.map((at) => table.columns[at]!).join(', ');
  const [best, ...others] = keys;
  const { rows, isAll } = profiles[0]!;
  const cut = [
    ...(isAll && hashes.rows === rows ? [] : [`only the first ${hashes.rows} rows were looked at`]),
    ...faultsOf(profiles),
  ];
  if (best === undefined) {
    const first = table.columns[roles.indexOf('id')] ?? table.columns[0]!;
    const why =
      rows === 0 ? 'there are no records' : 'no set of up to three columns is without repeats';
    const unsure = [`${why}: name the columns of a unit`];
    return { word: 'key', value: [first], notes: [], unsure: [...unsure, ...cut] };
  }
  const notes = [
    `${names(best)}: ${best.differing === 0 ? alike(best) : repeated(best)}`,
    ...best.shown.map((text) => `repeated: ${text}`),
    ...others.flatMap((one) => [
      `or [${names(one)}]: ${one.differing === 0 ? alike(one) : repeated(one)}`,
      ...one.shown.map((text) => `  repeated: ${text}`),
    ]),
  ];
  const measures = best.columns.filter((at) => !mayName(roles[at]!));
  const unsure = [
    ...(measures.length > 0
      ? [
          `${measures.map((at) => profiles[at]!.name).join(', ')} looks like what is measured or described, which seldom names a unit: name the columns of a unit`,
        ]
      : []),
    ...(best.differing > 0
      ? [
          'rows that repeat it differ: either they are the fault, or another column belongs to the key',
        ]
      : []),
    ...(others.length > 0
      ? ['more than one set of columns would do: which names a unit of work?']
      : []),
    ...(best.redundant > 0
      ? ['the repeated rows are what keydrift lint will tell: they run twice']
      : []),
    ...cut,
  ];
  const value = best.columns.map((at) => {
    const { name, filled } = profiles[at]!;
    return filled < rows ? { column: name, optional: true } : name;
  });
  return { word: 'key', value, notes, unsure };
}

/** What is wrong with the file itself. */
function faultsOf(profiles: readonly ColumnProfile[]): readonly string[] {
  const names = profiles.map(({ name }) => name);
  const doubled = [...new Set(names.filter((name, at) => names.indexOf(name) !== at))];
  const uneven = profiles[0]?.uneven ?? 0;
  return [
    ...doubled.map(
      (name) => `the header has ${JSON.stringify(name)} twice, and nobody can tell which is meant`,
    ),
    ...(uneven === 0
      ? []
      : [
          `${count(uneven, 'row')} of other widths than the header: keydrift lint calls them invalid`,
        ]),
  ];
}

function alike({ redundant }: KeyCandidate): string {
  return redundant === 0
    ? 'no two rows have the same'
    : `${count(redundant, 'row')} repeated, but for prose`;
}

function repeated({ redundant, differing }: KeyCandidate): string {
  return `${count(redundant, 'row')} repeat a unit, ${differing} of them with other cells`;
}

function normalizeWord({ profiles, steps, roles }: Looked): readonly ProposedWord[] {
  const told = profiles.flatMap(({ name }, at) => {
    const { steps: own, why } = steps[at]!;
    return own.length === 0 || roles[at] === 'prose' ? [] : [{ name, own, why }];
  });
  const unsure = [
    ...(told.length === 0
      ? []
      : [
          'values that a step makes one are no drift: check of each that the job takes them for one, and take out the others',
        ]),
    ...profiles.flatMap(({ name }, at) => steps[at]!.unsure.map((text) => `${name}: ${text}`)),
  ];
  if (told.length === 0 && unsure.length === 0) return [];
  const notes = told.flatMap(({ name, why }) => why.map((text) => `${name}: ${text}`));
  const value = Object.fromEntries(
    told.map(({ name, own }) => [
      name,
      own.map(({ step, parameter }) => (parameter === null ? step : { [step]: parameter })),
    ]),
  );
  return [{ word: 'normalize', value: told.length === 0 ? undefined : value, notes, unsure }];
}

function descriptiveWord({ profiles, roles, keys }: Looked): readonly ProposedWord[] {
  const inKey = new Set(keys[0]?.columns ?? []);
  const of = (role: ColumnRole): readonly ColumnProfile[] =>
    profiles.filter((_, at) => roles[at] === role && !inKey.has(at));
  const [prose, addresses] = [of('prose'), of('address')];
  if (prose.length + addresses.length === 0) return [];
  const notes = [
    'the job does not read them: they never count as drift; every other column counts',
  ];
  const unsure = [
    ...(prose.length === 0 ? [] : ['a column that the job reads must not stand here']),
    ...prose
      .filter(holdsAddresses)
      .map(
        ({ name }) =>
          `${name} holds addresses: take it out if the job opens, writes or mails to them`,
      ),
    ...addresses.map(
      ({ name }) =>
        `${name} looks like addresses, which a job may open, write or mail to, so it counts; if only people read it, add it`,
    ),
  ];
  return [{ word: 'descriptive', value: prose.map(({ name }) => name), notes, unsure }];
}

/** A name of an artifact after a file's. */
export function nameFor(formats: FormatRegistry, file: string): string {
  const name = stemOf(formats, basename(file))
    .replaceAll(/[^A-Za-z0-9_.-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '');
  return name === '' ? 'artifact' : name;
}
