import type { SqlWords } from '../../../model/index.ts';
import { duckdb } from './duckdb.ts';
import { spark } from './spark.ts';
import { trino } from './trino.ts';

/** What SQL engines speak: a new one is a file here, and one line. */
export const dialects: Readonly<Record<string, SqlWords>> = { duckdb, trino, spark };
