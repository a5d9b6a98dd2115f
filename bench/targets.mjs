// What keydrift wants to be, and whether it was in this run.

const times = (value) => `${value.toFixed(1)} ×`;
const ms = (value) => `${value.toFixed(0)} ms`;
const mib = (value) => `${value.toFixed(0)} MiB`;
const each = (value) => `${value.toFixed(0)}/s`;

/** A row of the table. Values that were not measured are NaN. */
function least(what, target, value, show) {
  return { what, target: `≥ ${show(target)}`, value, show, met: value >= target };
}

function most(what, target, value, show) {
  return { what, target: `≤ ${show(target)}`, value, show, met: value <= target };
}

/** The targets, held against what was measured: medians by name, milliseconds, a rate. */
export function targets({ million, fiveMillion, starts, overhead, rate, names }) {
  const of = (found, name, field) => found?.get(names[name])?.[field] ?? Number.NaN;
  const ratio = (peer, own, field) => of(million, peer, field) / of(million, own, field);
  const growth = of(fiveMillion, 'own', 'cpu') / of(million, 'own', 'cpu');
  return [
    least('1M × 1M: CPU of DuckDB, exact ÷ keydrift', 5, ratio('duckdb', 'own', 'cpu'), times),
    least('1M × 1M: wall of DuckDB, exact ÷ keydrift', 6, ratio('duckdb', 'own', 'wall'), times),
    least('without SHA-256, CPU', 7, ratio('duckdb', 'unhashed', 'cpu'), times),
    least('the same, 64-bit hashes', 4, ratio('duckdb-hash', 'unhashed', 'cpu'), times),
    most('1M × 1M: peak RSS', 110, of(million, 'own', 'rss'), mib),
    most('5M × 5M: CPU ÷ that of 1M × 1M', 5.5, growth, times),
    most('5M × 5M: peak RSS', 350, of(fiveMillion, 'own', 'rss'), mib),
    most('10k × 10k, cold, git + file, this Node', 130, starts[0]?.diff ?? Number.NaN, ms),
    most('10k × 10k, cold, git + file, Node 24', 90, starts[1]?.diff ?? Number.NaN, ms),
    most('run on 10k rows in S3, over the bare command', 250, overhead, ms),
    least('audit of 1,000 artifacts of 100 rows in sync', 300, rate, each),
  ];
}

export function printTargets(rows) {
  console.log('\n## Targets\n\n| what | target | here | met |\n|---|---|---|---|');
  for (const { what, target, value, show, met } of rows) {
    const told = Number.isNaN(value) ? ['not measured', ''] : [show(value), met ? 'yes' : 'NO'];
    console.log(`| ${what} | ${target} | ${told.join(' | ')} |`);
  }
}
