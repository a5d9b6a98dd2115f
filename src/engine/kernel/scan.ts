import type { Oddities, OpenedTable, ScanPlan } from '../../model/index.ts';
import { createDigest } from '../digest.ts';
import { createKeyWatch, nullTokens, type KeyWatch } from '../key-watch.ts';
import type { KeySet } from '../keyset.ts';
import type { CompileSteps } from '../row.ts';
import { hostNormalizer } from './host.ts';
import { acquireKernel, releaseKernel, type Kernel } from './kernel.ts';
import { compileProgram, encodeTokens, packedColumns } from './program.ts';
import { takesPlan } from './takes-plan.ts';
import { PROBE, probedTable, TABLE, tableOfRows, type KernelKeySet, type Role } from './table.ts';
import { createWindow } from './window.ts';

/** A scan by the kernel, fed with a body's bytes. */
export interface KernelScan {
  /** False: it gave up, and the reference must read the copy from its start. */
  push(chunk: Uint8Array): boolean;
  /** Null: it gave up. */
  end(): { readonly keyset: KernelKeySet; readonly oddities: Oddities } | null;
}

/** Where a body begins in its copy. */
export type BodyStart = Pick<OpenedTable, 'offset' | 'line'>;

/** A first copy, or one that is held against a keyset of a copy which was read before. */
export interface KernelOptions {
  readonly against: KernelKeySet | null;
  /** For tests: bytes that are read at once. */
  readonly window?: number;
}

/**
 * Starts a scan of a body; null when the kernel does not read by this plan. It gives up on all that
 * is no strict CSV or no text, so that errors come from one place, the reference.
 */
export function startKernelScan(
  plan: ScanPlan,
  body: BodyStart,
  compile: CompileSteps,
  { against, window }: KernelOptions,
): KernelScan | null {
  if (!takesPlan(plan) || against?.role === PROBE) return null;
  const kernel = against?.kernel ?? acquireKernel();
  const { exports } = kernel;
  const role = against === null ? TABLE : PROBE;
  const { delimiter, quote } = plan.dialect;
  const quoteByte = quote === null ? -1 : quote.charCodeAt(0);
  exports.begin(role, plan.width, delimiter.charCodeAt(0), quoteByte, body.offset, body.line);
  const turn = kernel.nextTurn();
  writeColumns(kernel, plan);
  kernel.setNormalize(hostNormalizer(kernel, packedColumns(plan), compile));
  const input = createWindow(kernel, window);
  const giveUp = (): void => {
    if (role === TABLE) releaseKernel(kernel);
  };
  return {
    push(chunk) {
      const taken = input.push(chunk);
      if (!taken) giveUp();
      return taken;
    },
    end() {
      if (!input.end()) {
        giveUp();
        return null;
      }
      exports.finish();
      if (role === TABLE) indexTable(kernel);
      const watch = createKeyWatch();
      observeKeys(kernel, plan, role, watch);
      const table = role === TABLE ? tableOfRows(kernel, plan) : probedTable(kernel, plan);
      const digest = createDigest(plan);
      digest.addSums(new BigUint64Array(exports.memory.buffer, exports.digestSums(), 8));
      const keyset: KernelKeySet = {
        engine: 'kernel',
        kernel,
        role,
        turn,
        plan,
        table,
        digest: digest.hex(),
        warnings: watch.warnings(),
      };
      return { keyset, oddities: readOddities(kernel, role) };
    },
  };
}

/** Rows that are indexed in one call. */
const indexedRows = 1 << 13;

function indexTable({ exports }: Kernel): void {
  const rows = exports.recordsRead() >>> 0;
  for (let from = 0; from < rows; from += indexedRows) {
    exports.indexRows(from, Math.min(rows, from + indexedRows));
  }
}

/** Gives back what a keyset holds, once nothing more is asked of its rows. */
export function releaseKeySet(keyset: KeySet): void {
  if (keyset.engine === 'kernel') releaseKernel(keyset.kernel);
}

/** Columns as four words each: place in a record, whether it may be empty, program, nothing. */
function writeColumns(kernel: Kernel, plan: ScanPlan): void {
  const { exports } = kernel;
  const columns = packedColumns(plan);
  const at = exports.setColumns(columns.length, plan.key.length);
  columns.forEach((column, place) => {
    const program = writeProgram(kernel, column);
    const mayBeEmpty = column.role === 'consumed' || column.optional ? 1 : 0;
    kernel.words().set([column.index, mayBeEmpty, program], (at >> 2) + 4 * place);
  });
}

/** Address of a column's program, 0 where it has none. */
function writeProgram(kernel: Kernel, column: ReturnType<typeof packedColumns>[number]): number {
  const operations = compileProgram(column);
  if (operations === null) return 0;
  const { exports } = kernel;
  const at = exports.allocate(8 * (operations.length + 1));
  operations.forEach(({ code, parameter }, index) => {
    const value = typeof parameter === 'number' ? parameter : writeTokens(kernel, parameter);
    kernel.words().set([code, value], (at >> 2) + 2 * index);
  });
  kernel.words().set([0, 0], (at >> 2) + 2 * operations.length);
  return at;
}

function writeTokens(kernel: Kernel, tokens: readonly string[]): number {
  const bytes = encodeTokens(tokens);
  const at = kernel.exports.allocate(bytes.length);
  kernel.bytes().set(bytes, at);
  return at;
}

/** Tells a watch what it would have seen: for each key column the first of each sort, by record. */
function observeKeys(kernel: Kernel, plan: ScanPlan, role: Role, watch: KeyWatch): void {
  const { exports } = kernel;
  const at = exports.watchSlots() >> 2;
  const seen = plan.key.flatMap(({ name }, place) => {
    const [token, which, zero] = kernel.words().subarray(at + 4 * place, at + 4 * place + 3);
    return [
      { record: token!, name, value: nullTokens[which!]! },
      { record: zero!, name, value: '00' },
    ];
  });
  const ordered = seen.filter(({ record }) => record > 0).toSorted((a, b) => a.record - b.record);
  for (const { record, name, value } of ordered) {
    watch.observe(name, value, exports.lineOf(role, record - 1) >>> 0);
  }
}

function readOddities({ exports }: Kernel, role: Role): Oddities {
  const broken = exports.brokenRecord() >>> 0;
  return {
    quotedLineBreak: broken === 0 ? null : exports.lineOf(role, broken - 1) >>> 0,
    backslashQuote: orNull(exports.backslashLine()),
    blankLine: orNull(exports.blankLine()),
  };
}

function orNull(line: number): number | null {
  return line === 0 ? null : line >>> 0;
}
