import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInProcess } from '../integration/in-process.ts';
import {
  csvOf,
  factsOf,
  wordsOf,
  type Facts,
  type HostileTable,
  type ReportedArtifact,
} from './hostile.ts';

/** How an engine is told of tables. */
export interface EngineUnderTest {
  /** `{duckdb: {…}}`. */
  readonly engine: Readonly<Record<string, unknown>>;
  /** Makes the tables; gives what a contract calls a side of one. */
  create(tables: readonly HostileTable[], directory: string): Promise<TableName>;
  readonly environment?: Readonly<Record<string, string>>;
}

export type TableName = (table: HostileTable, side: 'reviewed' | 'runtime') => string;

/** Judges tables by an engine, and as files, and a file against a table: what does not agree. */
export async function disagreements(
  tables: readonly HostileTable[],
  directory: string,
  under: EngineUnderTest,
  lists: readonly ('' | '.some')[] = ['', '.some'],
): Promise<readonly string[]> {
  mkdirSync(directory, { recursive: true });
  const nameOf = await under.create(tables, directory);
  const artifacts: Record<string, unknown> = {};
  for (const table of tables) {
    const all = wordsOf(table);
    // Where not all is listed, tables and files choose others: what is counted is the same.
    const some = { ...all, limits: { findings: 2 } };
    const at = (side: 'reviewed' | 'runtime'): string =>
      join(directory, `${table.name}-${side}.csv`);
    for (const side of ['reviewed', 'runtime'] as const) {
      // Equal bytes would be a state of their own.
      const end = side === 'runtime' ? '\n' : '';
      writeFileSync(at(side), csvOf(table, table[side]) + end);
    }
    const asTable = (side: 'reviewed' | 'runtime'): unknown => ({
      table: nameOf(table, side),
      engine: 'e',
    });
    const asFile = (side: 'reviewed' | 'runtime'): string => `file:${at(side)}`;
    const sides = {
      own: [asFile('reviewed'), asFile('runtime')],
      both: [asTable('reviewed'), asTable('runtime')],
      mixed: [asFile('reviewed'), asTable('runtime')],
    };
    for (const [way, [reviewed, runtime]] of Object.entries(sides)) {
      artifacts[`${table.name}.${way}`] = { reviewed, runtime, ...all };
      if (lists.includes('.some')) {
        artifacts[`${table.name}.${way}.some`] = { reviewed, runtime, ...some };
      }
    }
  }
  writeFileSync(
    join(directory, 'keydrift.json'),
    JSON.stringify({ version: 1, engines: { e: under.engine }, artifacts }),
  );
  const { stdout, stderr } = await runInProcess({
    words: [
      'audit',
      '--format',
      'json',
      '--timeout',
      '4h',
      '--config',
      join(directory, 'keydrift.json'),
    ],
    cwd: directory,
    environment: { ...process.env, ...under.environment },
  });
  const report = JSON.parse(stdout) as { artifacts: readonly ReportedArtifact[]; error: unknown };
  if (report.artifacts.length === 0) throw new Error((stdout + stderr).slice(0, 3000));
  const byName = new Map(report.artifacts.map((artifact) => [artifact.name, artifact]));
  return tables.flatMap((table) =>
    ['both', 'mixed'].flatMap((way) =>
      lists.flatMap((listed) => {
        const [own, artifact] = ['own', way].map((one) =>
          byName.get(`${table.name}.${one}${listed}`)!,
        ) as [ReportedArtifact, ReportedArtifact];
        const counted = (facts: Facts): Facts =>
          listed === '' ? facts : { ...facts, findings: null, respelled: null };
        const differences = unlike(counted(factsOf(own)), counted(factsOf(artifact)));
        if (differences.length === 0) return [];
        const steps = table.columns.map((one) => [one.name, one.type, one.role, one.steps]);
        const error = artifact.error === null ? [] : [artifact.error.message];
        const told = [`${table.name} ${way}${listed} ${JSON.stringify(steps)}`, ...error];
        return [[...told, ...differences.slice(0, 6)].join('\n')];
      }),
    ),
  );
}

/** Facts that only one of two judgements has. */
function unlike(own: Facts, engine: Facts): readonly string[] {
  const differences: string[] = [];
  for (const name of Object.keys(own)) {
    const [one, other] = [own, engine].map((facts) => facts[name] ?? null) as [unknown, unknown];
    if (JSON.stringify(one) === JSON.stringify(other)) continue;
    const lists = [one, other].map((value) =>
      (Array.isArray(value) ? value : [value]).map((item) => JSON.stringify(item)),
    );
    for (const item of lists[0]!)
      if (!lists[1]!.includes(item)) differences.push(`${name} of keydrift: ${item}`);
    for (const item of lists[1]!)
      if (!lists[0]!.includes(item)) differences.push(`${name} of the engine: ${item}`);
    if (differences.length === 0) differences.push(`${name}: other repetitions`);
  }
  return differences;
}
