import type { Format, FormatRegistry, ReaderEffects } from '../model/index.ts';
import type { effectsOnWritten as EffectsOnWritten } from './csv/tried.ts';

export {
  compressionByName,
  contentTypeOf,
  formatByContent,
  formatByName,
  stemOf,
} from './choose.ts';
export { compressionNames } from './decode/compression.ts';
export { decode, type DecodedSource, type DecodeOptions } from './decode/decode.ts';
export { isEncoding } from './decode/encoding.ts';
export { namedByKind, otherKindOf } from './kind.ts';
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
const csvEndings: Format['endings'] = {
  '.csv': { contentType: 'text/csv' },
  '.txt': { contentType: 'text/plain' },
  '.tsv': { contentType: 'text/tab-separated-values', options: { delimiter: '\t' } },
  '.psv': { contentType: 'text/plain', options: { delimiter: '|' } },
};

/** Endings that tell a content type, and nothing of how a copy is written. */
function typed(contentType: string, ...endings: readonly string[]): Format['endings'] {
  return Object.fromEntries(endings.map((ending) => [ending, { contentType }]));
}

/** Every file format by name; the first is that of names whose ending tells none. */
export const formats: FormatRegistry = {
  csv: later('csv', csvEndings, async () => (await import('./csv/csv.ts')).csv),
  json: {
    ...later(
      'json',
      typed('application/json', '.json'),
      async () => (await import('./json/json.ts')).json,
    ),
    document: async (text) => JSON.parse(text),
  },
  ndjson: later(
    'ndjson',
    typed('application/x-ndjson', '.ndjson', '.jsonl'),
    async () => (await import('./json/ndjson.ts')).ndjson,
  ),
  yaml: {
    ...later(
      'yaml',
      typed('application/yaml', '.yaml', '.yml'),
      async () => (await import('./yaml/yaml.ts')).yaml,
    ),
    document: async (text) => (await import('./yaml/yaml.ts')).documentOf(text),
  },
  parquet: later(
    'parquet',
    typed('application/vnd.apache.parquet', '.parquet', '.parq'),
    async () => (await import('./parquet/parquet.ts')).parquet,
  ),
};
export { tableOfRecords } from './records.ts';
