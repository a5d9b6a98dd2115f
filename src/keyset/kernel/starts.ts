/** Where records start, of which the kernel keeps the low 32 bits: they only ever grow. */
export interface Starts {
  /** Looks at the records up to `records`, of which `offset` is the end. */
  read(records: number, offset: number): void;
  start(record: number): number;
}

const wrap = 2 ** 32;

export function createStarts(offset: number, low: (record: number) => number): Starts {
  /** First record of each further 4 GiB. */
  const wraps: number[] = [];
  const before = Math.floor(offset / wrap);
  let seen = 0;
  let last = offset % wrap;
  return {
    read(records, end) {
      if (records === seen) return;
      if (Math.floor(end / wrap) > before + wraps.length) {
        for (let record = seen; record < records; record += 1) {
          const start = low(record);
          if (start < last) wraps.push(record);
          last = start;
        }
      } else last = low(records - 1);
      seen = records;
    },
    start(record) {
      const wrapped = wraps.filter((first) => first <= record).length;
      return low(record) + (before + wrapped) * wrap;
    },
  };
}
