import {
  allReaders,
  defaultLimits,
  limitUnits,
  nearestHint,
  parseDuration,
  parseSize,
  policyOf,
  quote,
  readerNames,
  strictPolicy,
  type CsvOptions,
  type Limits,
  type NamedReader,
  type Policy,
  type PutOptions,
  type SaidReaders,
  type UnitBounds,
  type WrittenWords,
} from '../model/index.ts';
import {
  type CsvDraft,
  type PutDraft,
  type ReaderDraft,
  type ReaderOptionsDraft,
  allSaid,
  merged,
  said,
  type Layers,
  type Said,
} from './draft.ts';
import type { ContractFile, Path } from './file.ts';
import type { KnownForms } from './places.ts';

/** Every kind decided: by the innermost policy that speaks of it, by its default where none does. */
export function readPolicy(layers: Layers): Policy {
  const policies = allSaid(layers, 'policy').map(({ value }) => value);
  return policyOf((kind) => {
    for (const policy of policies) {
      if (typeof policy === 'string') return policy;
      const action = kind === 'unreadable' ? undefined : policy[kind];
      if (action !== undefined) return action;
    }
    return strictPolicy[kind];
  });
}

/**
 * `grace` in seconds, 0 where nothing is said. Reports it for a reviewed copy that is not in git (not `known`):
 * when its changes arrived is not known. What defaults say holds where it can.
 */
export function readGrace(layers: Layers, known: boolean): number {
  const grace = said(layers, 'grace');
  if (grace === null) return 0;
  if (!known && grace.rank === 'defaults') return 0;
  if (!known) {
    const hint = 'Remove it, or let "reviewed" be a path or git:REF:PATH.';
    const message = 'a grace without meaning: the reviewed copy is not in git';
    grace.file.report(grace.path, message, hint);
  }
  return parseDuration(grace.value) ?? 0;
}

/** A day; null where nothing is said. Reports one that no month has: the pattern lets it pass. */
export function readEnforceFrom(layers: Layers): string | null {
  const from = said(layers, 'enforceFrom');
  if (from === null) return null;
  checkDay(from.file, from.value, from.path);
  return from.value;
}

/** Reports a day that no month has. */
export function checkDay(file: ContractFile, day: string, path: Path): void {
  const date = new Date(`${day}T00:00:00Z`);
  const real = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
  if (!real) file.report(path, `there is no day ${quote(day)}`);
}

/** Codes of warnings that are not told. */
export function readSilenced(layers: Layers): ReadonlySet<string> {
  const sayings = allSaid(layers, 'warnings');
  const silenced = merged(sayings, (action, { file, path }, code) => {
    if (/^[A-Z][A-Z0-9_]*$/.test(code)) return action;
    const hint = 'A warning carries its code in every report: RESPELLED.';
    file.report([...path, code], `${quote(code)} cannot be the code of a warning`, hint);
    return null;
  });
  return new Set(silenced.keys());
}

/** The readers of a copy; null where nothing is said. */
export function readReaders(layers: Layers): SaidReaders | null {
  const reader = said(layers, 'reader');
  if (reader === null) return null;
  const drafts = Array.isArray(reader.value) ? reader.value : [reader.value];
  const named = drafts.flatMap((draft: ReaderDraft | undefined) => {
    if (draft === undefined) return [];
    const options = typeof draft === 'string' ? { [draft]: null } : draft;
    return readerNames.flatMap((name) =>
      options[name] === undefined ? [] : [{ name, options: saidOptions(options[name]) }],
    );
  });
  const isAll = drafts.includes('all');
  return {
    readers: isAll ? [...allReaders, ...named] : named,
    named: named.map(({ name }) => name),
  };
}

function saidOptions(options: ReaderOptionsDraft | null): NamedReader['options'] {
  const found = Object.entries(options ?? {}).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return Object.fromEntries(found);
}

export function readLabels(layers: Layers): ReadonlyMap<string, string> {
  return merged(allSaid(layers, 'labels'), (value) => value);
}

/** A copy with no unit schedules nothing, and that is drift: `min` is 1 where nothing is said. */
export function readUnits(layers: Layers): UnitBounds {
  const units = said(layers, 'units');
  const min = units?.value.min ?? 1;
  const max = units?.value.max ?? null;
  if (units !== null && max !== null && max < min && !units.file.isReported(units.path)) {
    const by = units.value.min === undefined ? ' (the default)' : '';
    const message = `"max" ${max} is less than "min" ${min}${by}`;
    units.file.report([...units.path, 'max'], message);
  }
  return { min, max };
}

/**
 * What a copy may be at most; null: nobody says, and the defaults hold. A cap is above all, and what
 * holds where only it speaks.
 */
export function readLimits(layers: Layers, caps: Partial<Limits>): Limits | null {
  const sayings = allSaid(layers, 'limits');
  if (sayings.length === 0 && Object.keys(caps).length === 0) return null;
  const limit = (name: keyof Limits): number => {
    const by = sayings.find(({ value }) => value[name] !== undefined);
    const value = by?.value[name];
    const cap = caps[name];
    if (by === undefined || value === undefined) return cap ?? defaultLimits[name];
    const number = typeof value === 'number' ? value : parseSize(value);
    if (number === null || number < 1) {
      by.file.report(
        [...by.path, name],
        `expected ${limitUnits[name]}, found ${quote(`${value}`)}`,
      );
    }
    return Math.min(number ?? defaultLimits[name], cap ?? Number.POSITIVE_INFINITY);
  };
  return {
    bytes: limit('bytes'),
    recordBytes: limit('recordBytes'),
    cellBytes: limit('cellBytes'),
    columns: limit('columns'),
    expandedBytes: limit('expandedBytes'),
    expandedRatio: limit('expandedRatio'),
    memory: limit('memory'),
    findings: limit('findings'),
  };
}

/**
 * How a copy is written, field by field. Reports signs that are not told apart (where nothing is
 * said, the delimiter is `,` and the quote `"`) and names that stand twice.
 */
export function readCsv(layers: Layers): CsvOptions {
  let csv: CsvOptions = {};
  for (const { value, file, path } of allSaid(layers, 'csv').toReversed()) {
    const names = readNames(file, value.names, [...path, 'names']);
    csv = {
      ...csv,
      ...(value.delimiter === undefined ? {} : { delimiter: value.delimiter }),
      ...(value.quote === undefined ? {} : { quote: value.quote === false ? null : value.quote }),
      ...(value.escape === undefined ? {} : { escape: value.escape }),
      ...(value.comment === undefined ? {} : { comment: value.comment }),
      ...(value.names === undefined ? {} : { names }),
    };
    if (!file.isReported(path)) checkSigns(file, csv, path);
  }
  return csv;
}

/** How the bytes of a copy are a table, word by word; null: nobody says anything. */
export function readWritten(layers: Layers, forms: KnownForms): WrittenWords | null {
  const format = said(layers, 'format');
  const encoding = said(layers, 'encoding');
  const compression = said(layers, 'compression');
  checkForm('format', format, forms.formats);
  checkForm('compression', compression, [...forms.compressions, 'none']);
  if (encoding !== null && !forms.isEncoding(encoding.value)) {
    encoding.file.report(encoding.path, `${quote(encoding.value)} is no encoding that is known`);
  }
  const records = said(layers, 'records')?.value;
  const keyColumn = said(layers, 'keyColumn')?.value;
  const nulls = said(layers, 'nulls')?.value;
  const parts = said(layers, 'parts')?.value;
  const complete = said(layers, 'complete');
  // What an artifact says is for its runtime copies too: those tell whether it means anything.
  const isOwn = complete?.rank === 'copy' || layers[0]?.path.includes('runtime') === true;
  if (complete !== null && parts === undefined && isOwn) {
    const hint = 'Say which files are parts: parts: "*.parquet"';
    complete.file.report(complete.path, '"complete" without meaning: nothing says `parts`', hint);
  }
  const words = {
    ...(format === null ? {} : { format: format.value }),
    ...(encoding === null ? {} : { encoding: encoding.value }),
    ...(compression === null ? {} : { compression: compression.value }),
    ...(records === undefined ? {} : { records }),
    ...(keyColumn === undefined ? {} : { keyColumn }),
    ...(nulls === undefined ? {} : { nulls }),
    ...(parts === undefined ? {} : { parts }),
    ...(complete === null ? {} : { complete: complete.value }),
  };
  return Object.keys(words).length === 0 ? null : words;
}

function checkForm(word: string, by: Said<string> | null, known: readonly string[]): void {
  if (by === null || known.includes(by.value) || by.file.isReported(by.path)) return;
  const message = `${quote(by.value)} is no ${word}: expected ${known.join(', ')}`;
  by.file.report(by.path, message, nearestHint(by.value, known));
}

/** Null also where a name was reported: nothing can be said then of the columns. */
function readNames(
  file: ContractFile,
  draft: CsvDraft['names'],
  path: Path,
): readonly string[] | null {
  const names = (draft ?? []).filter((name) => name !== undefined);
  names.forEach((name, index) => {
    if (names.indexOf(name) === index) return;
    file.report([...path, index], `column ${quote(name)} is named twice`);
  });
  return draft === null || file.isReported(path) ? null : names;
}

function checkSigns(file: ContractFile, csv: CsvOptions, path: Path): void {
  const signs = [
    ['delimiter', csv.delimiter ?? ','],
    ['quote', csv.quote === undefined ? '"' : csv.quote],
    ['comment', csv.comment ?? null],
    // A quote may be what escapes another one.
    ['escape', csv.escape === csv.quote || csv.escape === '"' ? null : (csv.escape ?? null)],
  ] as const;
  signs.forEach(([name, sign], index) => {
    const same = signs.slice(0, index).find(([, earlier]) => sign !== null && earlier === sign);
    if (same === undefined) return;
    file.report(path, `"${same[0]}" and "${name}" are the same character, ${quote(sign ?? '')}`);
  });
}

/** S3's limits of an object's tags. */
const tagLimits = { tags: 10, name: 128, value: 256 } as const;

/**
 * How an object is written, word by word; null where nobody says anything. Reports a KMS key beside
 * another encryption, and tags that S3 refuses.
 */
export function readPut(layers: Layers): PutOptions | null {
  return allSaid(layers, 'put').reduceRight<PutOptions | null>(overridePut, null);
}

function overridePut(
  base: PutOptions | null,
  { value: draft, file, path }: Said<PutDraft>,
): PutOptions {
  const nothing: PutOptions = { sse: null, kmsKeyId: null, acl: null, tags: null, order: null };
  const before = base ?? nothing;
  const order = draft.order === undefined ? before.order : draft.order === 'any' ? 'any' : null;
  // A key of the artifact's is no key for an encryption that the copy chooses itself.
  const inherited = draft.sse === undefined || isKms(draft.sse) ? before.kmsKeyId : null;
  const kmsKeyId = draft.kmsKeyId ?? inherited;
  const sse = draft.sse ?? (draft.kmsKeyId === undefined || isKms(before.sse) ? before.sse : null);
  if (draft.kmsKeyId !== undefined && draft.sse !== undefined && !isKms(draft.sse)) {
    const hint = 'Remove it, or write `sse: aws:kms`.';
    file.report([...path, 'kmsKeyId'], `a KMS key without meaning: "sse" is ${draft.sse}`, hint);
  }
  return {
    sse: sse ?? (kmsKeyId === null ? null : 'aws:kms'),
    kmsKeyId,
    acl: draft.acl ?? before.acl,
    tags: draft.tags === undefined ? before.tags : readTags(file, draft.tags, [...path, 'tags']),
    order,
  };
}

function isKms(sse: PutOptions['sse']): boolean {
  return sse?.startsWith('aws:kms') === true;
}

function readTags(
  file: ContractFile,
  draft: NonNullable<PutDraft['tags']>,
  path: Path,
): ReadonlyMap<string, string> {
  const tags = new Map<string, string>();
  for (const name of file.namesIn(path)) {
    const value = draft[name];
    if (value === undefined) continue;
    const at = [...path, name];
    if (name === '' || name.length > tagLimits.name || value.length > tagLimits.value) {
      const most = `a name of 1 to ${tagLimits.name} characters and a value of at most ${tagLimits.value}`;
      file.report(at, `the tag ${quote(name)} is refused by S3: expected ${most}`);
    } else if (/^aws:/i.test(name)) {
      file.report(at, `the tag ${quote(name)} is refused by S3: "aws:" is its own`);
    }
    tags.set(name, value);
  }
  if (tags.size > tagLimits.tags) {
    file.report(path, `${tags.size} tags: S3 takes at most ${tagLimits.tags} of an object`);
  }
  return tags;
}
