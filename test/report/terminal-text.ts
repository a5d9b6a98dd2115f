import * as fc from 'fast-check';
import type { ReportOptions } from '../../src/report/index.ts';

/** What may never reach a terminal: controls, invisible and other spaces' characters. */
export const raw: RegExp = /(?!\n)\p{Cc}|[\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;

const escape = '\u001b';
const ownStyles = new RegExp(String.raw`${escape}\[(?:[127]|2[27]|3[1-39])m`, 'g');

/** A told text without the reporters' own styles. */
export function unpaint(told: string): string {
  return told.replaceAll(ownStyles, '');
}

/** Any way in which text may be told. */
export const anyOptions: fc.Arbitrary<ReportOptions> = fc.record({
  width: fc.integer({ min: 40, max: 140 }),
  color: fc.boolean(),
  limit: fc.nat(10),
  quiet: fc.boolean(),
});
