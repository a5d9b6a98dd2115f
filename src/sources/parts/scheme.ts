import type { PartsLocation, Scheme } from '../../model/index.ts';

/** A folder of another store whose files are one copy: `parts` of the contract. */
export const parts: Scheme<PartsLocation> = {
  textOf: ({ shown }) => shown,
  nameOf: ({ shown }) => shown.replace(/\/+$/, '').replace(/^.*\//s, ''),
  async open(context) {
    const { openPartsSource } = await import('./parts.ts');
    return openPartsSource(context);
  },
};
