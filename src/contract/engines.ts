import { resolve } from 'node:path';
import {
  engineKinds,
  nearestHint,
  quote,
  type EngineSettings,
  type Location,
  type TableLocation,
  type UnsetLocation,
} from '../model/index.ts';
import {
  said,
  type ContractDraft,
  type CopyDraft,
  type Layers,
  type ReviewedDraft,
} from './draft.ts';
import type { ContractFile, Path } from './file.ts';
import { unsetFault, type Reading } from './places.ts';
import { fillIn, malformedFault } from './variables.ts';

/** The engines of a contract by name. */
export type Engines = ReadonlyMap<string, EngineSettings>;

/** The engines that files of a contract configure; one name means one engine. */
export function readEngines(
  files: readonly {
    readonly file: ContractFile;
    readonly engines: ContractDraft['engines'];
    readonly directory: string;
  }[],
  reading: Pick<Reading, 'variables'>,
): Engines {
  const engines = new Map<string, EngineSettings>();
  for (const { file, engines: draft, directory } of files) {
    for (const [name, value] of Object.entries(draft ?? {})) {
      const path = ['engines', name];
      if (engines.has(name)) file.report(path, `engine ${quote(name)} is configured twice`);
      const [kind, ...more] = Object.keys(value ?? {});
      if (kind === undefined || more.length > 0) {
        const expected = Object.keys(engineKinds).join(', ');
        if (!file.isReported(path)) file.report(path, `expected one of ${expected}`);
        continue;
      }
      const settings = value?.[kind] ?? {};
      const given = Object.entries(settings).map(([word, one]) => {
        const at = [...path, kind, word];
        const known = fillWord(file, one, at, reading);
        // Files are named from where the contract lies.
        const isPath = kind === 'duckdb' && word === 'database' && typeof known === 'string';
        return [word, isPath ? resolve(directory, known) : known] as const;
      });
      engines.set(name, { name, kind, settings: Object.fromEntries(given) });
    }
  }
  return engines;
}

function fillWord(
  file: ContractFile,
  value: unknown,
  path: Path,
  { variables }: Pick<Reading, 'variables'>,
): unknown {
  if (typeof value !== 'string') return value;
  const given = fillIn(value, variables);
  if (given.malformed) file.report(path, malformedFault.message, malformedFault.hint);
  else if (given.unset.length > 0) {
    const fault = unsetFault('an engine', value, given.unset);
    file.report(path, fault.message, fault.hint);
  }
  return given.text;
}

/** Words that say how bytes are a table: a table has none. */
const wordsOfBytes = [
  'csv',
  'format',
  'encoding',
  'compression',
  'records',
  'keyColumn',
  'put',
] as const;

/** A copy that is a table of an engine; null where it was reported. */
export function readTable(
  file: ContractFile,
  draft: CopyDraft | ReviewedDraft,
  {
    layers,
    path,
    side,
  }: { readonly layers: Layers; readonly path: Path; readonly side: 'reviewed' | 'runtime' },
  reading: Reading,
): Location | null {
  for (const word of wordsOfBytes) {
    if ((draft as CopyDraft)[word] === undefined) continue;
    file.report([...path, word], `${quote(word)} says how bytes are read, and a table has none`);
  }
  refuseOfFiles(layers);
  const by = draft.engine === undefined ? said(layers, 'engine') : null;
  const name = draft.engine ?? by?.value ?? onlyOne(reading.engines);
  if (name === null) {
    const hint = 'Configure it under `engines`, and say `engine: NAME` beside `table`.';
    file.report([...path, 'table'], 'no engine is said that reads it', hint);
    return null;
  }
  const engine = reading.engines.get(name);
  if (engine === undefined) {
    const known = [...reading.engines.keys()];
    const at = by === null ? [...path, 'engine'] : by.path;
    (by?.file ?? file).report(at, `no engine is called ${quote(name)}`, nearestHint(name, known));
    return null;
  }
  return tableLocation(file, draft, { path, engine, side }, reading);
}

function tableLocation(
  file: ContractFile,
  { table = '', snapshot }: CopyDraft | ReviewedDraft,
  {
    path,
    engine,
    side,
  }: {
    readonly path: Path;
    readonly engine: EngineSettings;
    readonly side: 'reviewed' | 'runtime';
  },
  { variables, directory }: Reading,
): TableLocation | UnsetLocation | null {
  const given = [table, snapshot ?? ''].map((one) => fillIn(one, variables));
  if (given.some(({ malformed }) => malformed)) {
    file.report([...path, 'table'], malformedFault.message, malformedFault.hint);
    return null;
  }
  const unset = given.flatMap((one) => one.unset);
  if (unset.length > 0) {
    return { kind: 'unset', shown: table, fault: unsetFault(`${side} table`, table, unset, side) };
  }
  const [named = '', pinned = ''] = given.map(({ text: one }) => one);
  // What an engine reads as files is named from where the contract lies.
  const ofFiles = engine.kind === 'duckdb' && engine.settings['database'] === undefined;
  const isPath = ofFiles && !/^[a-z][a-z0-9+.-]*:\/\//.test(named);
  return {
    kind: 'table',
    table: isPath ? resolve(directory, named) : named,
    engine,
    snapshot: snapshot === undefined ? null : pinned,
  };
}

function onlyOne(engines: Engines): string | null {
  const [first, ...more] = engines.keys();
  return first !== undefined && more.length === 0 ? first : null;
}

/** What is asked of files and cannot be asked of a table is refused, never ignored. */
function refuseOfFiles(layers: Layers): void {
  const ordered = said(layers, 'ordered');
  if (ordered?.value === true && !ordered.file.isReported(ordered.path)) {
    ordered.file.report(
      ordered.path,
      '`ordered` cannot be judged of a table: its rows have no order',
    );
  }
  const reader = said(layers, 'reader');
  if (reader !== null && !reader.file.isReported(reader.path)) {
    const message = '`reader` cannot be judged of a table: its engine reads it, and no file';
    reader.file.report(reader.path, message);
  }
}
