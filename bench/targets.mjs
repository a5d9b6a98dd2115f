// What keydrift wants to be, and whether it was in this run.

const times = (value) => `${value.toFixed(1)} ×`;
const ratioText = (value) => `${value.toFixed(2)} ×`;
const ms = (value) => `${value.toFixed(0)} ms`;
const seconds = (value) => `${(value / 1000).toFixed(1)} s`;
const mib = (value) => `${value.toFixed(0)} MiB`;
const each = (value) => `${value.toFixed(0)}/s`;

/** A row of the table. Values that were not measured are NaN. */
const least = (what, target, value, show) => ({
  what,
  target: `≥ ${show(target)}`,
  value,
  show,
  met: value >= target,
});
const most = (what, target, value, show) => ({
  what,
  target: `≤ ${show(target)}`,
  value,
  show,
  met: value <= target,
});

function sizeText(rows) {
  return rows >= 1e6 ? `${rows / 1e6}M` : `${rows / 1e3}k`;
}

/** A field of what was measured. */
const fieldOf = (group, name, field) => group?.[name]?.[field] ?? Number.NaN;

/** The targets, held against what was measured: medians by name, milliseconds, rates. */
export function targets({
  rows,
  million,
  fiveMillion,
  narrow,
  cases,
  hazards,
  formats,
  starts,
  audits,
  names,
}) {
  const size = (by) => sizeText(by * rows);
  const pair = (by) => `${size(by)} × ${size(by)}`;
  const of = (found, name, field) => found?.get(names[name])?.[field] ?? Number.NaN;
  const peer = (field) => of(million, 'duckdb', field) / of(million, 'own', field);
  const growth = of(fiveMillion, 'own', 'cpu') / of(million, 'own', 'cpu');
  const ratio = (one, other) => (cases?.[one]?.cpu ?? Number.NaN) / (cases?.[other]?.cpu ?? 1);
  const dialect = (name) =>
    (cases?.dialects[name]?.cpu ?? Number.NaN) / (cases?.dialects.plain?.cpu ?? 1);
  return [
    least(`${pair(1)}: CPU of DuckDB, exact ÷ keydrift`, 4.5, peer('cpu'), times),
    least('the same, wall', 3, peer('wall'), times),
    most(`${pair(5)} ÷ ${pair(1)}, CPU`, 4.5, growth, times),
    most(`${pair(20)} narrow rows, CPU`, 5000, narrow?.cpu ?? Number.NaN, seconds),
    most('the same, peak memory', 1024, narrow?.rss ?? Number.NaN, mib),
    most(`${pair(1)}: peak memory`, 110, of(million, 'own', 'rss'), mib),
    most(`${pair(5)}: peak memory`, 330, of(fiveMillion, 'own', 'rss'), mib),
    most('no common key, all findings listed: CPU', 15_000, fieldOf(cases, 'all', 'cpu'), seconds),
    most('the same, peak memory', 700, fieldOf(cases, 'all', 'rss'), mib),
    most('no common key, default bound ÷ two equal copies', 4, ratio('disjoint', 'equal'), times),
    most('the same, peak memory', 250, fieldOf(cases, 'disjoint', 'rss'), mib),
    most(`${size(2)} rows of one key ÷ distinct keys`, 3, ratio('onekey', 'distinct'), times),
    ...Object.entries({ 'csv.gz': 2, ndjson: 6, parquet: 4 }).flatMap(([ending, wanted]) => [
      most(`${pair(1)}, ${ending} ÷ CSV, CPU`, wanted, fieldOf(formats, ending, 'over'), times),
      most('the same, peak memory', 400, fieldOf(formats, ending, 'rss'), mib),
    ]),
    least('audit of 1,000 × 10 KB in sync, a CPU second', 900, fieldOf(audits, 1000, 'rate'), each),
    least('the same of 10,000', 900, fieldOf(audits, 10_000, 'rate'), each),
    most('the same, peak memory', 250, fieldOf(audits, 10_000, 'rss'), mib),
    most('audit ONE of 1,000 over a contract of one, CPU', 80, fieldOf(audits, 1000, 'more'), ms),
    most('10k × 10k cold over node -e 0, this Node', 60, starts[0]?.over ?? Number.NaN, ms),
    most('the same, Node 24', 55, starts[1]?.over ?? Number.NaN, ms),
    most('look for hazards ÷ none, ASCII', 1.05, hazards?.ascii ?? Number.NaN, ratioText),
    most('the same, half beyond ASCII', 1.15, hazards?.wide ?? Number.NaN, ratioText),
    ...['comment', 'bom', 'pipe', 'tab', 'ordered', 'reader'].map((name) =>
      most(`${name} ÷ plain CSV`, 1.1, dialect(name), ratioText),
    ),
  ];
}

export function printTargets(rows) {
  console.log('\n## Targets\n\n| what | target | here | met |\n|---|---|---|---|');
  for (const { what, target, value, show, met } of rows) {
    const told = Number.isNaN(value) ? ['not measured', ''] : [show(value), met ? 'yes' : 'NO'];
    console.log(`| ${what} | ${target} | ${told.join(' | ')} |`);
  }
}
