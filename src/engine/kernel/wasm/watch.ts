// Key values that other readers change: the first record of each sort, for each key column.

/** Tokens as length (u32) and 16 bytes; filled by the host. */
const tokens: usize = memory.data(32 * 20);
let tokenCount: u32 = 0;
/** 1 for '0', 2 for the first byte of a token, else 0: a value that nobody watches for. */
export const firsts: usize = memory.data(256);

/** For each key column: 1 + the first record with a token, the token, 1 + that with leading zeros. */
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
  store<u8>(firsts + 48, 1);
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
  const sort = load<u8>(firsts + <usize>load<u8>(at));
  if (sort == 0) return;
  const slot = seen + ((<usize>column) << 4);
  if (sort == 1) {
    if (length > 1 && load<u32>(slot, 8) == 0 && allDigits(at, length)) {
      store<u32>(slot, record + 1, 8);
    }
  } else if (load<u32>(slot) == 0) {
    const token = tokenOf(at, length);
    if (token == tokenCount) return;
    store<u32>(slot, record + 1);
    store<u32>(slot, token, 4);
  }
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
