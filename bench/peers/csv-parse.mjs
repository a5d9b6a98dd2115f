// The comparison as a script would do it: csv-parse and a Map.
import { parse } from 'csv-parse';
import { createReadStream } from 'node:fs';

const [reviewed, runtime] = process.argv.slice(2);
async function read(path) {
  const found = new Map();
  for await (const row of createReadStream(path).pipe(parse({ from_line: 2 }))) {
    const key = JSON.stringify(row.slice(0, 3));
    const values = JSON.stringify(row.slice(5, 8));
    const known = found.get(key);
    if (known === undefined) found.set(key, { rows: 1, values });
    else known.rows += 1;
  }
  return found;
}
const [a, b] = [await read(reviewed), await read(runtime)];
const counts = { added: 0, removed: 0, duplicated: 0, conflict: 0 };
for (const [key, { rows, values }] of b) {
  const other = a.get(key);
  if (other === undefined) counts.added += 1;
  else if (other.values !== values) counts.conflict += 1;
  if (rows > 1) counts.duplicated += 1;
}
for (const key of a.keys()) if (!b.has(key)) counts.removed += 1;
console.log(JSON.stringify(counts));
