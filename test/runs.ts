import fc from 'fast-check';

/**
 * How many cases a property is tried on: `KEYDRIFT_RUNS` times what its test says, or two fifths of it
 * (`KEYDRIFT_RUNS=20 npm test` looks longer). Cases are the same in every run unless
 * `KEYDRIFT_SEED` says otherwise (a number, or `random`); a failure prints its seed.
 */
export function scaled(usual: number): number {
  return Math.max(1, Math.round(usual * times));
}

const { KEYDRIFT_RUNS: said = '0.4', KEYDRIFT_SEED: seed = '20261126' } = process.env;
const times = Number(said);
if (!(times > 0)) throw new Error('KEYDRIFT_RUNS is a number above 0');
if (seed !== 'random' && !/^-?\d+$/.test(seed)) throw new Error('KEYDRIFT_SEED is a number');

fc.configureGlobal({
  numRuns: scaled(100),
  ...(seed === 'random' ? {} : { seed: Number(seed) }),
});
