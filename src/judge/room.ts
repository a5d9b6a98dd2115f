/** Memory that copies under judgement share. */
export interface Room {
  /** Waits until there is room for so many bytes; what it gives makes room again. */
  enter(bytes: number): Promise<() => void>;
}

/** What a copy takes beside its bytes. */
const overhead = 64 * 1024;

/**
 * Room for copies that are judged at once. Small copies wait for each other in their order, and large
 * ones, of which one alone may be more than there is, only for large ones: neither holds the other back.
 */
export function openRoom(mostBytes: number): Room {
  const lanes = { small: openLane(mostBytes / 2), large: openLane(mostBytes / 2) };
  return {
    enter(bytes) {
      const size = bytes + overhead;
      return size > mostBytes / 16 ? lanes.large(size) : lanes.small(size);
    },
  };
}

/** In order of arrival; what is larger than the lane has it to itself. */
function openLane(mostBytes: number): (bytes: number) => Promise<() => void> {
  const waiting: { readonly bytes: number; readonly go: () => void }[] = [];
  let taken = 0;
  const admit = (): void => {
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      if (taken > 0 && taken + next.bytes > mostBytes) return;
      waiting.shift();
      taken += next.bytes;
      next.go();
    }
  };
  return (bytes) =>
    new Promise((resolve) => {
      let left = false;
      const leave = (): void => {
        if (left) return;
        left = true;
        taken -= bytes;
        admit();
      };
      waiting.push({ bytes, go: () => resolve(leave) });
      admit();
    });
}
