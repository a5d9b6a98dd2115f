import {
  perObject,
  type ByteSource,
  type Ending,
  type Format,
  type FormatOptions,
  type FormatRegistry,
} from '../model/index.ts';
import { compressionOf, compressions } from './decode/compression.ts';
import { resume } from './resume.ts';

const compressionEndings = compressions.flatMap(({ endings }) => Object.keys(endings));

/** A format, and what the ending of a name says of how its copy is written. */
interface NamedFormat {
  readonly format: Format;
  readonly options: FormatOptions;
}

/** The format of a copy by the ending of its name; null: that tells none. */
export function formatByName(formats: FormatRegistry, name: string): NamedFormat | null {
  const whole = plainName(name);
  const packed = compressionEndings.find((ending) => whole.endsWith(ending)) ?? '';
  const plain = packed === '' ? whole : whole.slice(0, -packed.length);
  const told = endingsOf(formats).find(([ending]) => plain.endsWith(ending));
  return told === undefined ? null : told[1];
}

type NamedEnding = readonly [ending: string, named: NamedFormat];

/** What endings tell, the registry's first format first. */
const endingsOf = perObject((formats: FormatRegistry): readonly NamedEnding[] =>
  Object.values(formats).flatMap((format) =>
    Object.entries(format.endings).map(([ending, { options = {} }]): NamedEnding => [
      ending,
      { format, options },
    ]),
  ),
);

/** The compression that the ending of a copy's name tells, `gzip`; null: it tells none. */
export function compressionByName(name: string): string | null {
  const whole = plainName(name);
  const told = compressions.find(({ endings }) => endsWithOne(whole, endings) !== null);
  return told?.name ?? null;
}

/**
 * The content type of an object that begins with `head`: of the compression that this is of, else of
 * its format by the ending of its name.
 */
export function contentTypeOf(formats: FormatRegistry, name: string, head: Uint8Array): string {
  const [packed] = Object.values(compressionOf(head)?.endings ?? {});
  const whole = plainName(name);
  const ending = compressionEndings.find((one) => whole.endsWith(one)) ?? '';
  const plain = ending === '' ? whole : whole.slice(0, -ending.length);
  const told = Object.values(formats).flatMap(({ endings }) => endsWithOne(plain, endings) ?? []);
  return packed?.contentType ?? told[0]?.contentType ?? 'application/octet-stream';
}

function endsWithOne(name: string, endings: Format['endings']): Ending | null {
  return Object.entries(endings).find(([ending]) => name.endsWith(ending))?.[1] ?? null;
}

/** A file's name without the endings that tell a format or a compression. */
export function stemOf(formats: FormatRegistry, name: string): string {
  const ofFormats = Object.values(formats).flatMap(({ endings }) => Object.keys(endings));
  const whole = name.toLowerCase();
  const ending = [...compressionEndings, ...ofFormats].find((one) => whole.endsWith(one));
  return ending === undefined ? name : stemOf(formats, name.slice(0, -ending.length));
}

function plainName(name: string): string {
  const bare = name.includes('?') ? name.replace(/\?versionId=[^?]*$/, '') : name;
  return bare.toLowerCase();
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
