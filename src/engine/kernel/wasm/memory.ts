// Linear memory: one bump allocator, and lists in segments, so that nothing is copied to grow.

let top: usize = 0;
let kept: usize = 0;

/** Pages of 64 KiB by which memory grows at least. */
const growPages: i32 = 8;

/** Forgets everything that was allocated. */
export function resetMemory(): void {
  top = (__heap_base + 63) & ~(<usize>63);
  kept = top;
}

/** What is allocated by now stays; `rewindMemory` forgets what comes after it. */
export function keepMemory(): void {
  kept = top;
}

export function rewindMemory(): void {
  top = kept;
}

/** Bytes on a cache line of their own, not zeroed; traps when the memory is full. */
export function allocate(bytes: usize): usize {
  const at = top;
  top = (top + bytes + 63) & ~(<usize>63);
  const missing = <i32>((top + 65535) >> 16) - memory.size();
  if (top < at || (missing > 0 && !grow(missing))) unreachable();
  return at;
}

/** Grows by half: the host collects its garbage each time. Whether there is so much memory. */
function grow(missing: i32): bool {
  const wanted = max(missing, max(memory.size() >> 1, growPages));
  return memory.grow(wanted) >= 0 || memory.grow(missing) >= 0;
}

/** Segments in a list's directory. */
const directoryEntries: i32 = 16384;
export const directoryBytes: i32 = directoryEntries * 4;

/** Where entry `index` of a list stands; `shift` is log2 of a segment's entries. */
export function place(directory: usize, index: u32, shift: u32, size: u32): usize {
  const segment = <usize>load<u32>(directory + ((<usize>(index >> shift)) << 2));
  return segment + <usize>(index & ((1 << shift) - 1)) * size;
}

/** Makes room for entry `index`, the next one after the last. */
export function extend(directory: usize, index: u32, shift: u32, size: u32): usize {
  if ((index & ((1 << shift) - 1)) == 0) {
    if (index >> shift >= <u32>directoryEntries) unreachable();
    store<u32>(directory + ((<usize>(index >> shift)) << 2), <u32>allocate((<usize>size) << shift));
  }
  return place(directory, index, shift, size);
}
