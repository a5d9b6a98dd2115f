import type { ByteSource, Format, FormatOptions, FormatRegistry } from '../model/index.ts';
import { resume } from './resume.ts';

/** Endings that tell a compression and not a format. */
const compressed = /\.(?:gz|gzip|zst|zstd)$/;

/** A format, and what the ending of a name says of how its copy is written. */
interface NamedFormat {
  readonly format: Format;
  readonly options: FormatOptions;
}

/** The format of a copy by the ending of its name; null: that tells none. */
export function formatByName(formats: FormatRegistry, name: string): NamedFormat | null {
  const plain = name
    .replace(/\?versionId=[^?]*$/, '')
    .toLowerCase()
    .replace(compressed, '');
  for (const format of Object.values(formats)) {
    for (const [ending, options] of Object.entries(format.endings)) {
      if (plain.endsWith(ending)) return { format, options };
    }
  }
  return null;
}

/** A source whose first bytes were looked at, to be read from its start all the same. */
interface Sniffed {
  readonly format: Format;
  readonly source: ByteSource;
}

/** The format of a copy by its first bytes; the registry's first where they tell none. */
export async function formatByContent(
  formats: FormatRegistry,
  source: ByteSource,
): Promise<Sniffed> {
  const stream = source.open()[Symbol.asyncIterator]();
  const first = await stream.next();
  const head = first.done === true ? new Uint8Array() : first.value;
  const format = formats[nameOf(head)] ?? Object.values(formats)[0]!;
  let waiting = true;
  const opened: ByteSource = {
    open(range) {
      if (range !== undefined || !waiting) return source.open(range);
      waiting = false;
      return resume(first.done === true ? [] : [first.value], stream);
    },
    ...(source.length === undefined ? {} : { length: () => source.length!() }),
    ...(source.readRanges === undefined
      ? {}
      : { readRanges: (ranges, sink) => source.readRanges!(ranges, sink) }),
  };
  return { format, source: opened };
}

/** What the first bytes of a copy are written like. */
function nameOf(head: Uint8Array): string {
  const text = Buffer.from(head.subarray(0, 1024))
    .toString('latin1')
    .replace(/^\xEF\xBB\xBF/, '');
  if (text.startsWith('PAR1')) return 'parquet';
  if (/^\s*\[\s*[[{\]]/.test(text)) return 'json';
  // Whether one object is a line of many or a document, its first line tells.
  if (/^\s*\{/.test(text)) return /^\s*\{.*\}\s*\n\s*\{/.test(text) ? 'ndjson' : 'json';
  return /^(?:---\s|- \S+:\s|- \{)/m.test(text.slice(0, 256)) ? 'yaml' : 'csv';
}
