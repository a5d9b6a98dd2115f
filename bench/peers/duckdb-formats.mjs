// The same comparison as duckdb.mjs, of files whose names tell their format.
import { DuckDBInstance } from '@duckdb/node-api';

const [reviewed, runtime] = process.argv.slice(2);
const key = ['participant_id', 'region', 'business_date'];
const consumed = ['partition_prefix', 'run_mode', 'weight'];
const table = (path) => {
  if (path.endsWith('.parquet')) return `read_parquet('${path}')`;
  const types = [...key, ...consumed].map((name) => `'${name}':'VARCHAR'`).join(',');
  if (path.endsWith('.ndjson'))
    return `read_json('${path}', format='newline_delimited', columns={${types}})`;
  return `read_csv('${path}', header=true, auto_detect=false, delim=',', quote='"', columns={${types}})`;
};
const rows = (path, side) =>
  `select ${key.join(',')}, ${consumed.join('||chr(31)||')} c, ${side} s from ${table(path)}`;
const query = `with u as (${rows(reviewed, 0)} union all ${rows(runtime, 1)}),
 g as (select count(*) filter (s=0) a, count(*) filter (s=1) b, min(c) low, max(c) high from u group by ${key.join(',')})
select count(*) filter (a<>1 or b<>1 or low<>high) differing from g`;
const settings = { threads: '2', preserve_insertion_order: 'false' };
const database = await DuckDBInstance.create(':memory:', settings);
const connection = await database.connect();
const [found] = (await connection.runAndReadAll(query)).getRowObjects();
console.log(Number(found.differing));
