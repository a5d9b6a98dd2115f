import * as fc from 'fast-check';

const surrogates = { first: 0xd800, count: 0x800 };

/**
 * Any code point that is no half of a pair. fast-check's own unit `binary` fills a map with all of
 * them, in every worker.
 */
export const codePoint: fc.Arbitrary<string> = fc
  .integer({ min: 0, max: 0x10_ffff - surrogates.count })
  .map(
    (at) => String.fromCodePoint(at < surrogates.first ? at : at + surrogates.count),
    (character) => {
      if (typeof character !== 'string') throw new Error('not a character');
      const [one = '', ...more] = character;
      const at = one.codePointAt(0);
      if (at === undefined || more.length > 0) throw new Error('not one character');
      return at < surrogates.first ? at : at - surrogates.count;
    },
  );
