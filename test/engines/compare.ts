import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInProcess } from '../integration/in-process.ts';
import {
  factsOf,
  fileOf,
  wordsOf,
  type Facts,
  type HostileTable,
  type ReportedArtifact,
} from './hostile.ts';

/** So many tables are under way at once: more only wait for each other. */
export const atOnce = 8;

/** How an engine is told of tables. */
export interface EngineUnderTest {
  /** `{duckdb: {…}}`. */
  readonly engine: Readonly<Record<string, unknown>>;
  /** Makes the tables; gives what a contract calls a side of one. */
  create(tables: readonly HostileTable[], directory: string): Promise<TableName>;
  readonly environment?: Readonly<Record<string, string>>;
}

export type TableName = (table: HostileTable, side: 'reviewed' | 'runtime') => string;

/**
 * What is held against keydrift's own reading of two files: two tables of the engine, a file against a
 * table on either side, and a table against one of another engine.
 */
export type Way = 'both' | 'mixed' | 'turned' | 'apart';

export interface Comparison {
  readonly under: EngineUnderTest;
  /** Has the runtime side of what is `apart`. */
  readonly other: EngineUnderTest;
  readonly waysOf: (table: HostileTable, at: number) => readonly Way[];
  /** Whether everything is listed, or not more than two findings of each kind. */
  readonly listsOf: (table: HostileTable, at: number) => readonly ('' | '.some')[];
}

/** Judges tables by engines, and as files: what does not agree. */
export async function disagreements(
  tables: readonly HostileTable[],
  directory: string,
  { under, other, waysOf, listsOf }: Comparison,
): Promise<readonly string[]> {
  mkdirSync(directory, { recursive: true });
  const [nameOf, nameThere] = [under, other].map((one, at): Promise<TableName> => {
    const own = join(directory, `engine${at}`);
    mkdirSync(own);
    return one.create(tables, own);
  });
  const [ofEngine, ofOther] = [await nameOf!, await nameThere!];
  const artifacts: Record<string, unknown> = {};
  for (const [index, table] of tables.entries()) {
    const all = wordsOf(table);
    // Where not all is listed, tables and files choose others: what is counted is the same.
    const some = { ...all, limits: { findings: 2 } };
    const [reviewedFile, runtimeFile] = (['reviewed', 'runtime'] as const).map((side) => {
      const { ending, text } = fileOf(table, table[side]);
      const path = join(directory, `${table.name}-${side}.${ending}`);
      // Equal bytes would be a state of their own.
      writeFileSync(path, text + (side === 'runtime' ? '\n' : ''));
      return `file:${path}`;
    });
    const reviewedTable = { table: ofEngine(table, 'reviewed'), engine: 'e' };
    const runtimeTable = { table: ofEngine(table, 'runtime'), engine: 'e' };
    const sides = {
      own: [reviewedFile, runtimeFile],
      both: [reviewedTable, runtimeTable],
      mixed: [reviewedFile, runtimeTable],
      turned: [reviewedTable, runtimeFile],
      apart: [reviewedTable, { table: ofOther(table, 'runtime'), engine: 'f' }],
    };
    for (const way of ['own', ...waysOf(table, index)] as const) {
      const [reviewed, runtime] = sides[way];
      for (const listed of listsOf(table, index)) {
        const words = listed === '' ? all : some;
        artifacts[`${table.name}.${way}${listed}`] = { reviewed, runtime, ...words };
      }
    }
  }
  const engines = { e: under.engine, f: other.engine };
  const byName = await audit(directory, { version: 1, engines, artifacts }, under.environment);
  return tables.flatMap((table, index) =>
    waysOf(table, index).flatMap((way) =>
      listsOf(table, index).flatMap((listed) => {
        const [own, artifact] = ['own', way].map((one) =>
          byName.get(`${table.name}.${one}${listed}`)!,
        ) as [ReportedArtifact, ReportedArtifact];
        const counted = (facts: Facts): Facts =>
          listed === '' ? facts : { ...facts, findings: null, respelled: null };
        const differences = unlike(counted(factsOf(own)), counted(factsOf(artifact)));
        if (differences.length === 0) return [];
        const steps = table.columns.map((one) => [one.name, one.type, one.role, one.steps]);
        const error = artifact.error === null ? [] : [artifact.error.message];
        const told = [
          `${table.name} ${way}${listed} ${table.nulls} ${JSON.stringify(steps)}`,
          ...error,
        ];
        return [[...told, ...differences.slice(0, 6)].join('\n')];
      }),
    ),
  );
}

/** Artifacts by name. */
async function audit(
  directory: string,
  contract: unknown,
  environment: EngineUnderTest['environment'],
): Promise<ReadonlyMap<string, ReportedArtifact>> {
  const config = join(directory, 'keydrift.json');
  writeFileSync(config, JSON.stringify(contract));
  const { stdout, stderr } = await runInProcess({
    words: [
      'audit',
      '--format',
      'json',
      '--timeout',
      '4h',
      '--concurrency',
      `${atOnce}`,
      '--config',
      config,
    ],
    cwd: directory,
    environment: { ...process.env, ...environment },
  });
  const report = JSON.parse(stdout) as { artifacts: readonly ReportedArtifact[] };
  if (report.artifacts.length === 0) throw new Error((stdout + stderr).slice(0, 3000));
  return new Map(report.artifacts.map((artifact) => [artifact.name, artifact]));
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
