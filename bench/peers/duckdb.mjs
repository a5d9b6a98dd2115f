// The comparison in DuckDB: exact on the values, or (`hash`) on 64-bit hashes. One aggregation over
// both copies, without order: of what was tried, the query that takes least.
import { DuckDBInstance } from '@duckdb/node-api';

const [reviewed, runtime, mode] = process.argv.slice(2);
const key = ['participant_id', 'region', 'business_date'];
const consumed = ['partition_prefix', 'run_mode', 'weight'];
const names = [...key, 'name', 'email', ...consumed, 'notes'];
const types = names.map((name) => `'${name}':'VARCHAR'`).join(',');
// The parallel reader fails on quoted line breaks.
const table = (path) =>
  `read_csv('${path}', header=true, auto_detect=false, quote='"', escape='"', delim=',', parallel=false, columns={${types}})`;
const columns =
  mode === 'hash'
    ? [`hash(${key.join(',')})`, `hash(${consumed.join(',')})`]
    : [...key, consumed.join(`||chr(31)||`)];
const keys = columns.slice(0, -1).map((_, at) => `k${at}`);
const rows = (path, side) =>
  `select ${columns.map((column, at) => `${column} ${keys[at] ?? 'c'}`).join(',')}, ${side} s from ${table(path)}`;
const query = `with u as (${rows(reviewed, 0)} union all ${rows(runtime, 1)}),
 g as (select ${keys.join(',')}, count(*) filter (s=0) a, count(*) filter (s=1) b, min(c) low, max(c) high from u group by ${keys.join(',')})
select count(*) filter (a=0) added, count(*) filter (b=0) removed,
 count(*) filter (a>1 or b>1) duplicated, count(*) filter (low<>high) "conflict" from g`;
const settings = { threads: '2', preserve_insertion_order: 'false' };
const database = await DuckDBInstance.create(':memory:', settings);
const connection = await database.connect();
const result = await connection.runAndReadAll(query);
const found = result.getRowObjects()[0];
console.log(
  JSON.stringify(found, (_, value) => (typeof value === 'bigint' ? Number(value) : value)),
);
