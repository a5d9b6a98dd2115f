import { crc32 } from 'node:zlib';

/** A line of a facts file: eight hexadecimal digits of a CRC-32, a space, `["key",value]`. */
export interface FactLine {
  readonly key: string;
  /** Whatever JSON can say: nobody vouches for its shape. */
  readonly value: unknown;
  /** The line itself, with its end. */
  readonly text: string;
}

/** What is longer is no fact, and is not kept. */
const longestLine = 1024 * 1024;

/** A line for a fact; null: it cannot be said in JSON, or is too long. */
export function lineOf(key: string, value: unknown): string | null {
  const json = jsonOf(key, value);
  if (json === null || json.length > longestLine) return null;
  return `${checksumOf(json)} ${json}\n`;
}

function jsonOf(key: string, value: unknown): string | null {
  try {
    const told: unknown = JSON.stringify(value);
    return typeof told === 'string' ? `[${JSON.stringify(key)},${told}]` : null;
  } catch {
    return null;
  }
}

/**
 * The facts that some bytes hold, in their order. Lines that are torn, damaged or foreign are left
 * out: a process may have been killed, or the disk full, in the middle of one.
 */
export function* factsIn(bytes: Buffer): Generator<FactLine, void, undefined> {
  for (let start = 0; start < bytes.length;) {
    const found = bytes.indexOf(0x0a, start);
    const end = found < 0 ? bytes.length : found;
    const fact = found < 0 ? null : factOf(bytes.toString('utf8', start, end));
    if (fact !== null) yield fact;
    start = end + 1;
  }
}

function factOf(line: string): FactLine | null {
  const json = line.slice(9);
  if (line[8] !== ' ' || line.length > longestLine || line.slice(0, 8) !== checksumOf(json)) {
    return null;
  }
  try {
    const told: unknown = JSON.parse(json);
    if (!Array.isArray(told) || told.length !== 2) return null;
    const [key, value]: readonly unknown[] = told;
    return typeof key === 'string' ? { key, value, text: `${line}\n` } : null;
  } catch {
    return null;
  }
}

function checksumOf(json: string): string {
  return crc32(json).toString(16).padStart(8, '0');
}
