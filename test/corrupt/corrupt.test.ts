import { expect, test } from 'vitest';
import { formats } from '../../src/formats/index.ts';
import { errorCodes, type ErrorCode } from '../../src/model/index.ts';
import { compressions, writers } from '../formats/hostile.ts';
import { damage } from './damage.ts';
import { scaled } from '../runs.ts';
import { readByProduct } from './read.ts';

/* A small part of `npm run test:corrupt`, which tries all of it beside Python's reading. */

const files = Object.keys(formats).flatMap((format) =>
  compressions.map(
    ([ending, compress]) => [`t.${format}${ending}`, compress(writers[format]!('delta'))] as const,
  ),
);

test.for(files)(
  '%s, cut off or flipped, is a fault of content with a code, or is read',
  async ([name, whole]) => {
    const codes = new Set<string>();
    const step = Math.ceil(whole.length / scaled(60));
    for (const { bytes } of damage(whole, { step, flips: scaled(60), seed: 8 })) {
      const outcome = await readByProduct(name, bytes);
      if ('code' in outcome) codes.add(outcome.code);
    }
    const classes = [...codes].map((code) => errorCodes[code as ErrorCode]);
    // A length of a thousand times the file is no fault of content, but a limit.
    expect(classes.filter((one) => one !== 'content' && one !== 'configuration')).toStrictEqual([]);
    expect(codes.size).toBeGreaterThan(0);
  },
);
