// Writes a CSV file as Parquet, every column as text: convert.mjs FROM TO.
import { DuckDBInstance } from '@duckdb/node-api';

const [from, to] = process.argv.slice(2);
const database = await DuckDBInstance.create(':memory:', { threads: '2' });
const connection = await database.connect();
await connection.run(
  `copy (select * from read_csv('${from}', header=true, all_varchar=true)) to '${to}' (format parquet)`,
);
