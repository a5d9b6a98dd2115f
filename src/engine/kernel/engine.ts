import {
  createCellWriter,
  defaultLimits,
  holdMemory,
  inSlices,
  nearFrom,
  type DelimitedText,
  type FormatWarning,
  type PackedSink,
  type ReadLimits,
  type RecordPlaces,
  type ScanPlan,
  type Table,
} from '../../model/index.ts';
import { createDigest } from '../digest.ts';
import { createKeyWatch, nullTokens, type KeyWatch } from '../key-watch.ts';
import { plannedIndexes } from '../plan.ts';
import type { Engine, GaveUp, KeySet } from '../port.ts';
import type { CompileSteps } from '../row.ts';
import { hostNormalizer } from './host.ts';
import { acquireKernel, releaseKernel, type Kernel } from './kernel.ts';
import { asKernelKeySet, kernelKeySet, PROBE, TABLE, type Role } from './keyset.ts';
import { isOutOfMemory } from './module.ts';
import { createPacker } from './packer.ts';
import { packedColumns, writeColumns } from './program.ts';
import { createWindow, usualWindow } from './window.ts';

/** Key and consumed columns together; more are no support file, and the reference reads them. */
const mostColumns = 16_384;

/**
 * The WebAssembly kernel. It takes every table, as delimited bytes where the table has them and
 * else as packed cells. It gives up on all that is no strict CSV or no text, so that errors come
 * from one place, the reference; and where memory ends.
 */
export const kernelEngine: Engine = createKernelEngine(usualWindow);

/** `window`: bytes that are read at once; tests cut records everywhere. */
export function createKernelEngine(window: number): Engine {
  return {
    name: 'kernel',
    start(table, plan, { compile, against, keep, limits = defaultLimits }) {
      if (keep !== null || plan.key.length + plan.consumed.length > mostColumns) return null;
      const partner = against === null ? null : asKernelKeySet(against);
      // A copy that was held against another has no table.
      if (against !== null && partner?.role !== TABLE) return null;
      const kernel = partner?.kernel ?? null;
      return () => reduce(table, plan, { compile, window, kernel, limits });
    },
  };
}

interface How {
  readonly compile: CompileSteps;
  readonly window: number;
  readonly limits: ReadLimits;
  /** That of the copy which the new one is held against; null: a first copy. */
  readonly kernel: Kernel | null;
}

async function reduce(table: Table, plan: ScanPlan, how: How): Promise<KeySet | GaveUp> {
  let acquired: Kernel | null = null;
  try {
    acquired = how.kernel ?? acquireKernel();
    const role = how.kernel === null ? TABLE : PROBE;
    const { delimited } = table;
    const keyset =
      delimited === undefined
        ? await readPacked(acquired, table, plan, role, how)
        : await readDelimited(acquired, table, delimited, { plan, role, how });
    if (keyset !== null) return keyset;
    if (role === TABLE) releaseKernel(acquired);
    return gaveUp('found bytes that it leaves to the reference');
  } catch (error) {
    // Where memory ended in the middle of something, it is not used again.
    if (isOutOfMemory(error)) return gaveUp('found no memory');
    if (acquired !== null && how.kernel === null) releaseKernel(acquired);
    throw error;
  }
}

function gaveUp(why: string): GaveUp {
  return { gaveUp: `the fast engine ${why}: the copy was read by the slower one, with one result` };
}

async function readDelimited(
  kernel: Kernel,
  table: Table,
  text: DelimitedText,
  { plan, role, how }: { readonly plan: ScanPlan; readonly role: Role; readonly how: How },
): Promise<KeySet | null> {
  const body = await text.body();
  const { exports } = kernel;
  const { delimiter, quote, comment } = text;
  exports.begin(role, plan.width, delimiter, quote, comment, body.offset, body.line);
  const turn = prepare(kernel, plan, how.compile);
  const input = createWindow(kernel, how.window);
  const { recordBytes, cellBytes, columns, memory } = how.limits;
  const cells = Math.max(columns, 2 ** 20);
  // What is near a limit is the reference's to measure and to tell.
  exports.setLimits(nearFrom(recordBytes), nearFrom(cellBytes), cells);
  for await (const chunk of body.chunks) {
    if (!input.push(chunk)) return null;
    holdMemory(exports.memory.buffer.byteLength, memory);
  }
  if (!input.end()) return null;
  const rows = exports.recordsRead() >>> 0;
  const places: RecordPlaces = {
    rows,
    start: (row) => exports.startOf(role, row),
    line: (row) => exports.lineOf(role, row) >>> 0,
  };
  text.found(places);
  return finish(kernel, table, { plan, role, turn, warnings: [], memory });
}

async function readPacked(
  kernel: Kernel,
  table: Table,
  plan: ScanPlan,
  role: Role,
  { compile, window, limits: { memory } }: How,
): Promise<KeySet | null> {
  kernel.exports.begin(role, plan.width, 0, -1, -1, 0, 1);
  const turn = prepare(kernel, plan, compile);
  const packer = createPacker(kernel, window);
  let taken = true;
  const warnings = await packTable(table, plan, (cells) => {
    taken &&= packer.add(cells);
    holdMemory(kernel.exports.memory.buffer.byteLength, memory);
  }).catch((thrown: unknown) => {
    // The kernel may be another's now.
    taken = false;
    throw thrown;
  });
  if (!taken || !packer.end()) return null;
  holdMemory(kernel.exports.memory.buffer.byteLength, memory);
  return finish(kernel, table, { plan, role, turn, warnings, memory });
}

/** Gives the planned cells of a table, packed. */
async function packTable(
  table: Table,
  plan: ScanPlan,
  sink: PackedSink,
): Promise<readonly FormatWarning[]> {
  const columns = packedColumns(plan).map(({ index }) => index);
  if (table.pack !== undefined) return table.pack(columns, sink);
  const writer = createCellWriter(columns, plan.width, sink);
  const warnings = await table.read(writer.add, plannedIndexes(plan));
  writer.flush();
  return warnings;
}

/** Tells a kernel what is to be read; gives the number of its turn. */
function prepare(kernel: Kernel, plan: ScanPlan, compile: CompileSteps): number {
  writeColumns(kernel, plan);
  kernel.setNormalize(hostNormalizer(kernel, packedColumns(plan), compile));
  return kernel.nextTurn();
}

async function finish(
  kernel: Kernel,
  table: Table,
  read: {
    readonly plan: ScanPlan;
    readonly role: Role;
    readonly turn: number;
    readonly warnings: KeySet['warnings'];
    readonly memory: number;
  },
): Promise<KeySet> {
  const { exports } = kernel;
  const { plan, role, warnings } = read;
  exports.finish();
  if (role === TABLE) await indexTable(kernel);
  const watch = createKeyWatch();
  observeKeys(kernel, plan, table, watch);
  const digest = createDigest(plan);
  digest.addSums(new BigUint64Array(exports.memory.buffer, exports.digestSums(), 8));
  return kernelKeySet(kernel, {
    plan,
    role,
    turn: read.turn,
    memory: read.memory,
    digest: digest.hex(),
    mayBeRespelled: exports.keysMayBeRespelled(0) !== 0,
    eitherMayBeRespelled: role === TABLE || exports.keysMayBeRespelled(1) !== 0,
    warnings: [...warnings, ...watch.warnings()],
  });
}

/** Rows that are indexed in one call. */
const indexedRows = 1 << 13;

async function indexTable({ exports }: Kernel): Promise<void> {
  const rows = exports.recordsRead() >>> 0;
  await inSlices(rows, (from, to) => exports.indexRows(from, to), indexedRows);
}

/** Tells a watch what it would have seen: for each key column the first of each sort, by record. */
function observeKeys(kernel: Kernel, plan: ScanPlan, table: Table, watch: KeyWatch): void {
  const at = kernel.exports.watchSlots() >> 2;
  const words = kernel.words();
  const seen: { readonly record: number; readonly name: string; readonly value: string }[] = [];
  for (const [place, { name }] of plan.key.entries()) {
    const slot = at + 4 * place;
    const [token, zero, lost] = [words[slot]!, words[slot + 2]!, words[slot + 3]!];
    if (token > 0) seen.push({ record: token, name, value: nullTokens[words[slot + 1]!]! });
    if (zero > 0) seen.push({ record: zero, name, value: '00' });
    if (lost > 0) seen.push({ record: lost, name, value: '1E+11' });
  }
  // Of most copies there is none.
  if (seen.length === 0) return;
  const ordered = seen.toSorted((a, b) => a.record - b.record);
  for (const { record, name, value } of ordered) {
    watch.observe(name, value, { place: table.place(record) });
  }
}
