// The comparison in polars: grouped by key, joined both ways.
import pl from 'nodejs-polars';

const [reviewed, runtime] = process.argv.slice(2);
const key = ['participant_id', 'region', 'business_date'];
const consumed = ['partition_prefix', 'run_mode', 'weight'];
const grouped = (path) =>
  pl
    .scanCSV(path, { hasHeader: true, inferSchemaLength: 0 })
    .select(
      ...key,
      pl
        .concatString(
          consumed.map((name) => pl.col(name)),
          '\u001f',
        )
        .alias('c'),
    )
    .groupBy(key)
    .agg(
      pl.col('c').count().alias('n'),
      pl.col('c').min().alias('low'),
      pl.col('c').max().alias('high'),
    )
    .collectSync();
const [a, b] = [grouped(reviewed), grouped(runtime)];
const both = a.join(b, { on: key, how: 'inner', suffix: '_b' });
const repeats = (frame) => frame.filter(pl.col('n').gt(1)).height;
console.log(
  JSON.stringify({
    added: b.join(a, { on: key, how: 'anti' }).height,
    removed: a.join(b, { on: key, how: 'anti' }).height,
    duplicated: repeats(a) + repeats(b),
    conflict: both.filter(
      pl
        .col('low')
        .neq(pl.col('low_b'))
        .or(pl.col('high').neq(pl.col('high_b'))),
    ).height,
  }),
);
