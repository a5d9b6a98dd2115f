// Key values that other readers change: the first record of each sort, for each key column.

const PLUS: u32 = 43;
const COMMA: u32 = 44;
const MINUS: u32 = 45;
const POINT: u32 = 46;
const ZERO: u32 = 48;
const E: u32 = 101;

/** Tokens as length (u32) and 16 bytes; filled by the host. */
const tokens: usize = memory.data(32 * 20);
let tokenCount: u32 = 0;
/** 1 for a digit or a plus, 2 for the first byte of a token, else 0: a value that nobody watches for. */
export const firsts: usize = memory.data(256);

/**
 * For each key column: 1 + the first record with a token, the token, 1 + that with leading zeros, and
 * 1 + that with a number which lost its digits.
 */
let seen: usize = 0;

export function setWatch(at: usize, columns: u32): void {
  seen = at;
  memory.fill(at, 0, (<usize>columns) << 4);
}

export function watchSlots(): usize {
  return seen;
}

export function resetTokens(): void {
  tokenCount = 0;
  memory.fill(firsts, 0, 256);
  memory.fill(firsts + ZERO, 1, 10);
  store<u8>(firsts + PLUS, 1);
}

/** Adds the token that stands at `at`, followed by zeros up to 16 bytes. */
export function addToken(at: usize, length: u32): void {
  const to = tokens + <usize>(tokenCount * 20);
  store<u32>(to, length);
  v128.store(to, v128.load(at), 4);
  store<u8>(firsts + <usize>load<u8>(at), 2);
  tokenCount += 1;
}

/** Looks at a key value of at least one byte. */
export function watchKey(column: u32, at: usize, length: u32, record: u32): void {
  const first = <u32>load<u8>(at);
  const sort = load<u8>(firsts + <usize>first);
  if (sort == 0) return;
  const slot = seen + ((<usize>column) << 4);
  if (first <= 57 && length > 4 && load<u32>(slot, 12) == 0 && hasLostDigits(at, length)) {
    store<u32>(slot, record + 1, 12);
  }
  if (sort == 1) {
    if (first == ZERO && length > 1 && load<u32>(slot, 8) == 0 && allDigits(at, length)) {
      store<u32>(slot, record + 1, 8);
    }
  } else if (load<u32>(slot) == 0) {
    const token = tokenOf(at, length);
    if (token == tokenCount) return;
    store<u32>(slot, record + 1);
    store<u32>(slot, token, 4);
  }
}

/** As `hasLostDigits` of key-watch.ts: one digit, up to 14 more, and an exponent that is longer. */
function hasLostDigits(at: usize, length: u32): bool {
  const end = at + <usize>length;
  let p = at;
  if (load<u8>(p) == PLUS || load<u8>(p) == MINUS) p += 1;
  if (!isDigit(p, end)) return false;
  p += 1;
  let digits: u32 = 0;
  if (p < end && (load<u8>(p) == POINT || load<u8>(p) == COMMA)) {
    for (p += 1; digits < 15 && isDigit(p, end); p += 1) digits += 1;
    if (digits == 0 || digits == 15) return false;
  }
  if (p == end || (<u32>load<u8>(p) | 32) != E) return false;
  p += 1;
  if (p < end && load<u8>(p) == PLUS) p += 1;
  if (p == end || end - p > 3) return false;
  let exponent: u32 = 0;
  for (; p < end; p += 1) {
    if (!isDigit(p, end)) return false;
    exponent = exponent * 10 + <u32>load<u8>(p) - ZERO;
  }
  return exponent >= 11 && exponent > digits;
}

function isDigit(p: usize, end: usize): bool {
  return p < end && <u32>load<u8>(p) - ZERO <= 9;
}

function allDigits(at: usize, length: u32): bool {
  for (let p: usize = 0; p < <usize>length; p += 1) {
    if (<u32>load<u8>(at + p) - 48 > 9) return false;
  }
  return true;
}

/** The token that a value is, or the number of tokens. */
function tokenOf(at: usize, length: u32): u32 {
  for (let index: u32 = 0; index < tokenCount; index += 1) {
    const token = tokens + <usize>(index * 20);
    if (load<u32>(token) != length) continue;
    let p: usize = 0;
    while (p < <usize>length && load<u8>(at + p) == load<u8>(token + 4 + p)) p += 1;
    if (p == <usize>length) return index;
  }
  return tokenCount;
}
