import { crcWasm } from './wasm-bytes.ts';

/** A checksum that grows with its bytes. */
export interface RunningChecksum {
  update(bytes: Uint8Array): void;
  /** Of all bytes so far, in base64 as S3 writes it. */
  digest(): string;
}

/** A reflected polynomial, by its two halves, and its place among the kernel's tables. */
interface Polynomial {
  readonly which: 0 | 1;
  readonly low: number;
  readonly high: number;
}

/** Castagnoli's. */
const castagnoli: Polynomial = { which: 0, low: 0x82f63b78, high: 0 };
/** NVM Express Base Specification, "64b CRC". */
const nvme: Polynomial = { which: 1, low: 0xac4bc9b5, high: 0x9a6c9329 };

/** CRC32C (RFC 3720, appendix B.4). */
export function crc32c(): RunningChecksum {
  return running(castagnoli, [-1, 0], ([low]) => base64(~low));
}

/** CRC-64/NVME, the checksum that S3 stores when a writer sends none. */
export function crc64Nvme(): RunningChecksum {
  return running(nvme, [-1, -1], ([low, high]) => base64(~high, ~low));
}

/** Halves of a state, the low one first. */
type State = readonly [low: number, high: number];

function running(
  polynomial: Polynomial,
  start: State,
  digest: (state: State) => string,
): RunningChecksum {
  const { exports, memory, words } = loaded(polynomial);
  const input = exports.inputArea();
  const size = exports.inputSize();
  let state = start;
  return {
    update(bytes) {
      words.set(state);
      for (let at = 0; at < bytes.length; at += size) {
        const part = bytes.subarray(at, at + size);
        memory.set(part, input);
        exports.update(polynomial.which, part.length);
      }
      state = [words[0]!, words[1]!];
    },
    digest: () => digest(state),
  };
}

/** What the module exports (wasm/index.ts); addresses are of its memory. */
interface CrcExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  inputArea(): number;
  inputSize(): number;
  stateArea(): number;
  build(which: number): void;
  update(which: number, length: number): void;
}

interface Loaded {
  readonly exports: CrcExports;
  readonly memory: Uint8Array;
  /** The state between two calls. */
  readonly words: Int32Array;
}

let made: Loaded | null = null;
const built = new Set<Polynomial>();

/** One module for all checksums; a polynomial's tables are built by the first that wants them. */
function loaded(polynomial: Polynomial): Loaded {
  made ??= instantiate();
  if (built.has(polynomial)) return made;
  built.add(polynomial);
  const { which, low, high } = polynomial;
  made.words.set([low, high]);
  made.exports.build(which);
  return made;
}

function instantiate(): Loaded {
  const module = new WebAssembly.Module(Buffer.from(crcWasm, 'base64'));
  // The build compiles both sides of this border.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const exports = new WebAssembly.Instance(module, {}).exports as unknown as CrcExports;
  const { buffer } = exports.memory;
  return {
    exports,
    memory: new Uint8Array(buffer),
    words: new Int32Array(buffer, exports.stateArea(), 2),
  };
}

/** Words in big-endian order, as base64. */
export function base64(...words: number[]): string {
  const bytes = Buffer.alloc(words.length * 4);
  for (const [index, word] of words.entries()) bytes.writeInt32BE(word | 0, index * 4);
  return bytes.toString('base64');
}
