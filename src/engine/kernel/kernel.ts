import { randomBytes } from 'node:crypto';
import { nullTokens } from '../key-watch.ts';
import { instantiate, type KernelExports, type NormalizeOnHost } from './module.ts';

/** A kernel and views of its memory, which are made anew when it has grown. */
export interface Kernel {
  readonly exports: KernelExports;
  bytes(): Uint8Array;
  words(): Uint32Array;
  /** Counts the copies that it reads. */
  nextTurn(): number;
  /** The turn of the copy that it read last. */
  turn(): number;
  /** What the slow road of a cell does from now on. */
  setNormalize(normalize: NormalizeOnHost): void;
}

/**
 * The process's seeds: 32 random bytes, a SipHash key for functional keys and another for consumed
 * values. Never stored or told: who writes a file cannot know which rows would collide.
 */
const seeds = randomBytes(32);

/** Kernels that nobody uses; a small one is kept, because making one costs more than using it. */
const idle: Kernel[] = [];
const mostIdle = 16;
const mostIdleBytes = 8 * 1024 * 1024;

/** A kernel that knows no copy yet. */
export function acquireKernel(): Kernel {
  const kernel = idle.pop() ?? createKernel();
  const seedArea = kernel.exports.reset();
  kernel.bytes().set(seeds, seedArea);
  addTokens(kernel);
  return kernel;
}

/** Takes back a kernel: what was read from it stays valid, its tables do not. */
export function releaseKernel(kernel: Kernel): void {
  const small = kernel.exports.memory.buffer.byteLength <= mostIdleBytes;
  if (small && idle.length < mostIdle && !idle.includes(kernel)) idle.push(kernel);
}

const noHost: NormalizeOnHost = () => {
  throw new Error('the kernel was not told how to normalize');
};

function createKernel(): Kernel {
  let normalize = noHost;
  let turn = 0;
  const exports = instantiate((column, at, length, limit) => normalize(column, at, length, limit));
  let bytes = new Uint8Array(exports.memory.buffer);
  let words = new Uint32Array(exports.memory.buffer);
  return {
    exports,
    bytes() {
      if (bytes.length === 0) bytes = new Uint8Array(exports.memory.buffer);
      return bytes;
    },
    words() {
      if (words.length === 0) words = new Uint32Array(exports.memory.buffer);
      return words;
    },
    nextTurn: () => (turn += 1),
    turn: () => turn,
    setNormalize(next) {
      normalize = next;
    },
  };
}

const tokenBytes = 16;

/** The tokens one behind the other, each with zeros behind it: a fleet's kernels get them for every copy. */
const tokenImage = Buffer.concat(
  nullTokens.map((token) => Buffer.from(token.padEnd(tokenBytes, '\0'), 'latin1')),
);

function addTokens(kernel: Kernel): void {
  const { exports } = kernel;
  exports.resetTokens();
  const at = exports.allocate(tokenImage.length);
  kernel.bytes().set(tokenImage, at);
  for (let index = 0; index < nullTokens.length; index += 1) {
    exports.addToken(at + tokenBytes * index, nullTokens[index]!.length);
  }
}
