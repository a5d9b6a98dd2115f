import type { Driver } from '../driver.ts';

/** What drives an engine, by the contract's word for its kind; each is loaded when it is used. */
export const drivers: Readonly<Record<string, () => Promise<Driver>>> = {
  athena: async () => (await import('./athena.ts')).athena,
  duckdb: async () => (await import('./duckdb.ts')).duckdb,
  spark: async () => (await import('./spark.ts')).spark,
  trino: async () => (await import('./trino.ts')).trino,
};
