import { kernelWasm } from './wasm-bytes.ts';

/** What the kernel exports; addresses and lengths are of its memory. */
export interface KernelExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  indexRows(first: number, end: number): void;
  repeatedRows(): number;
  keysInBoth(): number;
  allocate(bytes: number): number;
  reset(): number;
  begin(
    role: number,
    width: number,
    delimiter: number,
    quote: number,
    comment: number,
    offset: number,
    line: number,
  ): void;
  setColumns(count: number, keys: number): number;
  setWindow(size: number): number;
  packArea(): number;
  packEnd(): number;
  setLimits(record: number, cell: number, cells: number): void;
  scan(length: number, isLast: number): number;
  scanPacked(length: number): number;
  keysMayBeRespelled(both: number): number;
  hashKey(keyBytes: number): number;
  finish(): void;
  recordsRead(): number;
  lineOf(role: number, record: number): number;
  digestSums(): number;
  invalidCount(role: number): number;
  invalidRecord(role: number, index: number): number;
  startNewKeys(): void;
  addNewKeys(first: number, end: number): number;
  collectArea(): number;
  startCollecting(lone: number): void;
  collectKept(to: number, most: number): number;
  loneRowsLeft(): number;
  loneRowOf(role: number, keyBytes: number): number;
  collect(which: number, to: number, most: number): number;
  isInvalid(row: number): number;
  tableRows(): number;
  startOrder(): void;
  addOrderKept(first: number, end: number): void;
  addOrderRows(first: number, end: number): void;
  commonUnits(to: number, most: number): number;
  rowsOfUnit(role: number, row: number): number;
  rowBesideRecord(keyBytes: number, record: number): number;
  startOf(role: number, record: number): number;
  keptRows(): number;
  keptRecord(index: number): number;
  hashesOf(role: number, index: number): number;
  hasHashes(role: number, index: number, keyBytes: number, consumedBytes: number): number;
  resetTokens(): void;
  addToken(at: number, length: number): void;
  watchSlots(): number;
}

/** The slow road for one cell: normalizes in place, see wasm/host.ts. */
export type NormalizeOnHost = (column: number, at: number, length: number, limit: number) => number;

let compiled: object | null = null;

/** A kernel with a memory of its own. */
export function instantiate(normalize: NormalizeOnHost): KernelExports {
  compiled ??= new WebAssembly.Module(Buffer.from(kernelWasm, 'base64'));
  const imports = {
    host: { normalizeOnHost: normalize },
    env: {
      abort: () => {
        throw new Error('the kernel aborted');
      },
    },
  };
  const { exports } = new WebAssembly.Instance(compiled, imports);
  // The build compiles both sides of this border.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return exports as unknown as KernelExports;
}

/**
 * Whether an error says that there is no memory: for a kernel to begin with (as under a limit of the
 * address space), for more of it, or for a view of it.
 */
export function isOutOfMemory(error: unknown): boolean {
  return error instanceof WebAssembly.RuntimeError || error instanceof RangeError;
}
