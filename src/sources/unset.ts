import type { Scheme, UnsetLocation } from '../model/index.ts';

/** What a contract leaves to a variable that nobody set: whoever reads it is told the flag to add. */
export const unset: Scheme<UnsetLocation> = {
  around: (root) => ({ root, prefix: '' }),
  within: ({ root }) => root,
  textOf: ({ shown }) => shown,
  nameOf: ({ shown }) => shown,
  open: () =>
    Promise.resolve({
      pin: ({ fault }) => Promise.reject(fault),
      list: ({ root }) => Promise.reject(root.fault),
      prefixSize: ({ root }) => Promise.reject(root.fault),
      close: () => Promise.resolve(),
    }),
};
