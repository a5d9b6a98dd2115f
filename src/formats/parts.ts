import {
  faultClass,
  KeydriftError,
  type CanonicalColumns,
  type EffectsRequest,
  type FormatWarning,
  type RawRecord,
  type ReaderEffects,
  type RecordSink,
  type RowPlace,
  type Table,
  retold,
} from '../model/index.ts';
import { joinEffects } from './part-effects.ts';

/** A table that is a part of another one. */
export interface TablePart {
  /** What places call it, `date=2026-01-31/part-0.parquet`. */
  readonly name: string;
  /** Columns that have one value in all of it; null: none. */
  readonly partition: readonly (readonly [column: string, value: string | null])[];
  readonly table: Table;
  /** Ends what a reading of it opened; it may be read again. */
  close(): Promise<void>;
  /** What an error of reading it is worth, as the transport's checksums tell. */
  verified(error: unknown): Promise<unknown>;
}

/** A part, and where the columns of the whole are in it. */
interface PlacedPart extends TablePart {
  /** By the whole's columns: the part's own, or -1. */
  readonly own: readonly number[];
  /** By the whole's columns: what all its records have; undefined: that is no partition's. */
  readonly fixed: readonly (string | null | undefined)[];
  /** Records before it, once the parts before it were read. */
  before: number;
}

/**
 * Tables read one after the other as one: its columns are those of all parts, by their names, and
 * those that its folders are named by. Records are counted over all parts; their places say the
 * part. A column that decides and that one part lacks is `COLUMN_MISSING`, but where members may be
 * absent; one that a folder names and the file has too stands twice.
 */
export function tableOfParts(parts: readonly TablePart[]): Table {
  const { columns, placed } = placeParts(parts);
  let rows = 0;
  const partOf = (record: number): PlacedPart =>
    placed.findLast(({ before }) => before < record) ?? placed[0]!;
  const place = (record: number): RowPlace => {
    const part = partOf(record);
    return placeIn(part, part.table.place(record - part.before));
  };
  return {
    columns,
    warnings: [],
    async read(sink, wanted) {
      const warnings: FormatWarning[] = [];
      rows = 0;
      for (const part of placed) {
        part.before = rows;
        requireColumns(part, columns, wanted);
        const view = createPartView(part, columns.length);
        const found = await using(part, () =>
          part.table.read(
            (record) => {
              rows += 1;
              view.show(record, sink);
            },
            ownOf(part, wanted),
          ),
        );
        for (const one of found) warnings.push(warningIn(part, one));
      }
      if (rows >= 2 ** 32) {
        throw new KeydriftError('TOO_LARGE', `the parts have ${rows} records together`);
      }
      return warnings;
    },
    async reread(records, sink, wanted) {
      let from = 0;
      for (const [at, part] of placed.entries()) {
        const limit = placed[at + 1]?.before ?? rows;
        let to = from;
        while (to < records.length && records[to]! <= limit) to += 1;
        if (to > from) {
          const own = records.slice(from, to).map((record) => record - part.before);
          const view = createPartView(part, columns.length);
          await using(part, () =>
            part.table.reread(own, (record) => view.show(record, sink), ownOf(part, wanted)),
          );
        }
        from = to;
      }
    },
    place,
    ...(parts.every(({ table }) => table.effects === undefined)
      ? {}
      : { effects: (asked: EffectsRequest) => effectsOf(placed, columns.length, asked) }),
    close: () => Promise.resolve(),
  };
}

/** Where each column of the whole stands in each part. */
function placeParts(parts: readonly TablePart[]): {
  readonly columns: readonly string[];
  readonly placed: readonly PlacedPart[];
} {
  const names = new Map<string, string>();
  // A name that stands twice in one part stands twice in the whole.
  const own = parts.map(({ table }) =>
    table.columns.map((name, at, all) => {
      const mark = JSON.stringify([name, all.slice(0, at).filter((one) => one === name).length]);
      names.set(mark, name);
      return mark;
    }),
  );
  const all = [...names.keys()];
  const folders = [...new Set(parts.flatMap(({ partition }) => partition.map(([name]) => name)))];
  const placed = parts.map((part, at): PlacedPart => {
    const places = new Map(own[at]!.map((mark, index) => [mark, index]));
    const values = new Map(part.partition);
    return {
      ...part,
      own: [...all.map((mark) => places.get(mark) ?? -1), ...folders.map(() => -1)],
      fixed: [...all.map(() => undefined), ...folders.map((name) => values.get(name))],
      before: 0,
    };
  });
  return { columns: [...names.values(), ...folders], placed };
}

function requireColumns(
  { name, own, fixed, table }: PlacedPart,
  columns: readonly string[],
  wanted: readonly number[] | undefined,
): void {
  const lacking = (wanted ?? []).filter(
    (column) => own[column] === -1 && fixed[column] === undefined && !(table.lacking === 'empty'),
  );
  if (lacking.length === 0) return;
  const names = lacking.map((column) => columns[column]).join(', ');
  throw new KeydriftError(
    'COLUMN_MISSING',
    `part ${name} has no ${lacking.length === 1 ? 'column' : 'columns'} ${names}, which other parts have`,
    { hint: 'All parts have the key and consumed columns; name others in `descriptive`.' },
  );
}

/** The part's own among the columns that are wanted. */
function ownOf(
  { own }: PlacedPart,
  wanted: readonly number[] | undefined,
): readonly number[] | undefined {
  return wanted?.flatMap((column) => (own[column] === -1 ? [] : [own[column]!]));
}

function placeIn({ name }: TablePart, { text }: RowPlace): RowPlace {
  return { line: 0, text: `${name}: ${text}`, numbered: false };
}

function warningIn({ name }: TablePart, { code, message, line }: FormatWarning): FormatWarning {
  const where = line === null ? '' : ` (line ${line})`;
  return { code, message: `part ${name}: ${message}${where}`, line: null };
}

/** Shows the records of a part as those of the whole. */
function createPartView(
  part: PlacedPart,
  width: number,
): { show(record: RawRecord, sink: RecordSink): void } {
  const { own, fixed, table } = part;
  let inner: RawRecord | null = null;
  const cell = <T>(column: number, absent: T, read: (record: RawRecord, own: number) => T): T =>
    own[column] === -1 ? absent : read(inner!, own[column]!);
  const view: RawRecord = {
    get record() {
      return part.before + inner!.record;
    },
    get place() {
      return placeIn(part, inner!.place);
    },
    get width() {
      return width + inner!.width - table.columns.length;
    },
    text: (column) => fixed[column] ?? cell(column, '', (record, at) => record.text(at)),
    isNull: (column) =>
      fixed[column] === undefined
        ? cell(column, true, (record, at) => record.isNull?.(at) ?? false)
        : fixed[column] === null,
    shown: (column) => fixed[column] ?? cell(column, null, (record, at) => record.shown(at)),
  };
  return {
    show(record, sink) {
      inner = record;
      sink(view);
    },
  };
}

/** Does something with a part, and ends it; what is wrong with its content says its name. */
async function using<T>(part: TablePart, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw inPart(part.name, await part.verified(thrown));
  } finally {
    await part.close();
  }
}

/** An error with the name of the part that it is of. */
export function inPart(name: string, thrown: unknown): unknown {
  if (!(thrown instanceof KeydriftError) || faultClass(thrown) !== 'content') return thrown;
  return retold(thrown, { message: `part ${name}: ${thrown.message}` });
}

/** How a part's columns stand in what is written; one that it lacks is an empty cell beyond its own. */
function formOfPart(
  { names, order }: CanonicalColumns,
  { own, table }: PlacedPart,
): CanonicalColumns {
  const named: string[] = [];
  const placed = order.map((index) => {
    const at = own[index] === -1 ? table.columns.length + index : own[index]!;
    named[at] = names[index]!;
    return at;
  });
  return { names: named, order: placed };
}

async function effectsOf(
  parts: readonly PlacedPart[],
  width: number,
  { needed, say, form, enough, ...asked }: EffectsRequest,
): Promise<ReaderEffects> {
  // What one part has more of than all of the other copy is enough.
  const ofPart = enough && { ...enough, tried: Math.ceil(enough.tried / parts.length) };
  const found: (readonly [before: number, effects: ReaderEffects])[] = [];
  for (const part of parts) {
    const view = createPartView(part, width);
    const effects = await using(part, async () =>
      part.table.effects?.({
        ...asked,
        ...(ofPart === undefined ? {} : { enough: ofPart }),
        form: form === 'stored' ? form : formOfPart(form, part),
        needed: needed.flatMap((column) => {
          const index = part.own[column.index]!;
          return index === -1 ? [] : [{ ...column, index }];
        }),
        say(record) {
          let said: string | null = null;
          view.show(record, (shown) => (said = say(shown)));
          return said;
        },
      }),
    );
    if (effects !== undefined) found.push([part.before, effects]);
  }
  return joinEffects(found);
}
