// The comparison in DuckDB: exact on the values, or (`hash`) on 64-bit hashes.
import { DuckDBInstance } from '@duckdb/node-api';

const [reviewed, runtime, mode] = process.argv.slice(2);
const key = ['participant_id', 'region', 'business_date'];
const consumed = ['partition_prefix', 'run_mode', 'weight'];
const names = [...key, 'name', 'email', ...consumed, 'notes'];
const types = names.map((name) => `'${name}':'VARCHAR'`).join(',');
// The parallel reader fails on quoted line breaks.
const table = (path) =>
  `read_csv('${path}', header=true, auto_detect=false, quote='"', escape='"', delim=',', parallel=false, columns={${types}})`;
const tuple = consumed.join(`||chr(31)||`);
const columns =
  mode === 'hash' ? [`hash(${key.join(',')})`, `hash(${consumed.join(',')})`] : [...key, tuple];
const keys = columns.slice(0, -1);
const grouped = (path) =>
  `select ${keys.map((column, at) => `${column} k${at}`).join(',')}, count(*) n, min(${columns.at(-1)}) low, max(${columns.at(-1)}) high from ${table(path)} group by ${keys.map((_, at) => at + 1).join(',')}`;
const query = `with a as (${grouped(reviewed)}), b as (${grouped(runtime)})
select count(*) filter (a.n is null) added, count(*) filter (b.n is null) removed,
 count(*) filter (coalesce(a.n,1)>1 or coalesce(b.n,1)>1) duplicated,
 count(*) filter (least(a.low,b.low)<>greatest(a.high,b.high)) "conflict"
from a full outer join b using (${keys.map((_, at) => `k${at}`).join(',')})`;
const database = await DuckDBInstance.create(':memory:', { threads: '2' });
const connection = await database.connect();
const result = await connection.runAndReadAll(query);
const found = result.getRowObjects()[0];
console.log(
  JSON.stringify(found, (_, value) => (typeof value === 'bigint' ? Number(value) : value)),
);
