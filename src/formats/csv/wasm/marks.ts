// What tells a record by its bytes: a keyed hash, so that no copy can be written to be taken for another.

/** SipHash-1-3 with 128 bits under a random key, which the host sets. */
const seed: usize = memory.data(16);
/** Of each mark a place in its record, as an offset in the copy (f64), and the hash (16 bytes). */
const most: i32 = 131112;
const markPlaces: usize = memory.data(8 * most);
const markHashes: usize = memory.data(16 * most);
/** Records of which the hash is not known. */
let unmarked: u32 = 0;

export function seedArea(): usize {
  return seed;
}

export function markPlacesArea(): usize {
  return markPlaces;
}

export function markHashesArea(): usize {
  return markHashes;
}

/** How many places stand where those of the last `find` stood: of records without a mark. */
export function unmarkedPlaces(): u32 {
  return unmarked;
}

let input: usize = 0;
let places: usize = 0;
let starts: usize = 0;

export function useWindow(inputAt: usize, placesAt: usize, startsAt: usize): void {
  input = inputAt;
  places = placesAt;
  starts = startsAt;
}

/**
 * Makes one mark of all places in a record, up to where the next one starts, where both stand in the
 * window, or the copy ends; else the hash is not known. Gives how many marks there are. The window
 * starts at an offset of the copy.
 */
export function markRecords(count: u32, length: u32, isLast: bool, offset: f64): u32 {
  let marks: usize = 0;
  let end: u32 = 0;
  unmarked = 0;
  for (let index: u32 = 0; index < count; index += 1) {
    const place = load<u32>(places + ((<usize>index) << 2));
    if (place < end) continue;
    const start = startBefore(place);
    end = startAfter(place, length);
    if (start >= 0 && (end < length || isLast)) {
      store<f64>(markPlaces + (marks << 3), offset + <f64>place);
      hash(input + <usize>start, end - <u32>start, markHashes + (marks << 4));
      marks += 1;
    } else {
      store<u32>(places + ((<usize>unmarked) << 2), place);
      unmarked += 1;
    }
  }
  return <u32>marks;
}

/** Where the record starts that a place is in; -1: before the window. */
function startBefore(place: u32): i32 {
  let word = place >> 6;
  let bits = load<u64>(starts + ((<usize>word) << 3)) & (~(<u64>0) >> (63 - (place & 63)));
  while (bits == 0) {
    if (word == 0) return -1;
    word -= 1;
    bits = load<u64>(starts + ((<usize>word) << 3));
  }
  return <i32>((word << 6) + 63 - <u32>clz(bits));
}

/** Where the next record starts; `length`: not in the window. */
function startAfter(place: u32, length: u32): u32 {
  const next = place + 1;
  if (next >= length) return length;
  const words = (length + 63) >> 6;
  let word = next >> 6;
  let bits = load<u64>(starts + ((<usize>word) << 3)) & (~(<u64>0) << (next & 63));
  while (bits == 0) {
    word += 1;
    if (word == words) return length;
    bits = load<u64>(starts + ((<usize>word) << 3));
  }
  return (word << 6) + <u32>ctz(bits);
}

let v0: u64 = 0;
let v1: u64 = 0;
let v2: u64 = 0;
let v3: u64 = 0;

function round(): void {
  v0 += v1;
  v2 += v3;
  v1 = rotl(v1, 13) ^ v0;
  v3 = rotl(v3, 16) ^ v2;
  v0 = rotl(v0, 32) + v3;
  v2 += v1;
  v1 = rotl(v1, 17) ^ v2;
  v3 = rotl(v3, 21) ^ v0;
  v2 = rotl(v2, 32);
}

function hash(at: usize, length: u32, to: usize): void {
  const k0 = load<u64>(seed);
  const k1 = load<u64>(seed, 8);
  v0 = k0 ^ 0x736f6d6570736575;
  v1 = k1 ^ 0x646f72616e646f6d ^ 0xee;
  v2 = k0 ^ 0x6c7967656e657261;
  v3 = k1 ^ 0x7465646279746573;
  const whole = at + <usize>(length & ~7);
  let p = at;
  for (; p < whole; p += 8) compress(load<u64>(p));
  const rest = length & 7;
  // The window goes on after its bytes: what is read too far is cut off.
  const tail = rest == 0 ? 0 : load<u64>(p) & (~(<u64>0) >> (64 - 8 * rest));
  compress(tail | ((<u64>length) << 56));
  v2 ^= 0xee;
  finish();
  store<u64>(to, v0 ^ v1 ^ v2 ^ v3);
  v1 ^= 0xdd;
  finish();
  store<u64>(to, v0 ^ v1 ^ v2 ^ v3, 8);
}

function compress(word: u64): void {
  v3 ^= word;
  round();
  v0 ^= word;
}

function finish(): void {
  round();
  round();
  round();
}
