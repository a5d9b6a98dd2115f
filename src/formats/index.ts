import type { Format, FormatRegistry, ReaderEffects } from '../model/index.ts';
import type { effectsOnWritten as EffectsOnWritten } from './csv/tried.ts';

export { compressionByName, formatByContent, formatByName, stemOf } from './choose.ts';
export { compressionNames } from './decode/compression.ts';
export { decode, type DecodeOptions } from './decode/decode.ts';
export { isEncoding } from './decode/encoding.ts';
export { inPart, tableOfParts, type TablePart } from './parts.ts';

/** What readers make of a table of any format, once it was written as canonical CSV. */
export const effectsOnWritten = async (
  ...asked: Parameters<typeof EffectsOnWritten>
): Promise<ReaderEffects> => (await import('./csv/tried.ts')).effectsOnWritten(...asked);

/** A format whose reader is loaded when a copy is written so. */
function later(
  name: string,
  endings: Format['endings'],
  load: () => Promise<Pick<Format, 'open'>>,
): Format {
  let loaded: Pick<Format, 'open'> | null = null;
  // Each import of a part makes an object of all its names.
  return { name, endings, open: async (...opening) => (loaded ??= await load()).open(...opening) };
}

/** RFC 4180, but for what a name says of the delimiter. */
const csvEndings = {
  '.csv': {},
  '.txt': {},
  '.tsv': { delimiter: '\t' },
  '.psv': { delimiter: '|' },
};

/** Every file format by name; the first is that of names whose ending tells none. */
export const formats: FormatRegistry = {
  csv: later('csv', csvEndings, async () => (await import('./csv/csv.ts')).csv),
  json: later('json', { '.json': {} }, async () => (await import('./json/json.ts')).json),
  ndjson: later(
    'ndjson',
    { '.ndjson': {}, '.jsonl': {} },
    async () => (await import('./json/ndjson.ts')).ndjson,
  ),
  yaml: later(
    'yaml',
    { '.yaml': {}, '.yml': {} },
    async () => (await import('./yaml/yaml.ts')).yaml,
  ),
  parquet: later(
    'parquet',
    { '.parquet': {}, '.parq': {} },
    async () => (await import('./parquet/parquet.ts')).parquet,
  ),
};
export { tableOfRecords, type NumberedRecords } from './records.ts';
