import {
  KeydriftError,
  nearestNames,
  type ArtifactContract,
  type RawRecord,
  type ScanPlan,
  type Table,
} from '../model/index.ts';
import { looseValue } from '../compare/index.ts';
import { createRowJudge, type JudgedRow } from '../engine/index.ts';
import { compileSteps } from '../normalize/index.ts';

/** One `--scope column=value,value`, as it was written. */
export interface ScopeTerm {
  readonly column: string;
  readonly values: readonly string[];
}

/** The slices of an artifact that a run executes: normal values by key column, in contract order. */
export interface Scope {
  readonly columns: ReadonlyMap<string, ReadonlySet<string>>;
  /** For people: `region=EU,US`. */
  readonly shown: string;
}

/**
 * What scope terms mean for an artifact: values of one column are alternatives, columns must all
 * agree. Null without terms. Throws `USAGE` for a column that is no key column, and for a value
 * that the column's normalization cannot read.
 */
export function resolveScope(
  artifact: ArtifactContract,
  terms: readonly ScopeTerm[],
): Scope | null {
  if (terms.length === 0) return null;
  const keys = artifact.key.map(({ column }) => column);
  const stranger = terms.find(({ column }) => !keys.includes(column));
  if (stranger !== undefined) {
    throw new KeydriftError(
      'USAGE',
      `--scope ${stranger.column}: ${artifact.name} has no such key column`,
      { hint: `A scope names key columns. ${artifact.name} has: ${keys.join(', ')}.` },
    );
  }
  const columns = new Map<string, ReadonlySet<string>>();
  for (const column of keys) {
    const values = terms.filter((term) => term.column === column).flatMap((term) => term.values);
    if (values.length === 0) continue;
    columns.set(column, new Set(values.map((value) => normalValue(artifact, column, value))));
  }
  const shown = [...columns].map(
    ([column, values]) => `${column}=${[...values].map(tellerOf(artifact, column)).join(',')}`,
  );
  return { columns, shown: shown.join(' ') };
}

/** What is told of a value of a column. */
function tellerOf({ redaction }: ArtifactContract, column: string): (value: string) => string {
  return redaction?.columns.has(column) === true ? redaction.show : (value) => value;
}

function normalValue(artifact: ArtifactContract, column: string, value: string): string {
  const { normalize } = artifact;
  const steps = compileSteps(normalize.get(column) ?? []);
  const normal = steps === null || value === '' ? value : steps(value);
  if (typeof normal === 'string') return normal;
  throw new KeydriftError(
    'USAGE',
    `--scope ${column}: ${JSON.stringify(tellerOf(artifact, column)(value))} is not ${normal.expected}`,
  );
}

/** What a scope makes of a record. Throws content errors of the cells it reads. */
export type ScopeJudge = (record: RawRecord) => {
  readonly row: JudgedRow;
  /** A record without a key may be of any slice: it always counts. */
  readonly inScope: boolean;
};

/** Judges records by a plan and a scope; without a scope every one is in it. */
export function createScopeJudge(plan: ScanPlan, scope: Scope | null): ScopeJudge {
  const judge = createRowJudge(plan, compileSteps);
  const wanted = plan.key.map(({ name }) => scope?.columns.get(name) ?? null);
  return (record) => {
    const row = judge(record);
    const inScope =
      !row.valid || wanted.every((values, index) => values?.has(row.key[index] ?? '') ?? true);
    return { row, inScope };
  };
}

/**
 * The contract's words about a slice of a copy: a slice may have fewer units than the whole copy
 * must have, but not none.
 */
export function contractOfScope(artifact: ArtifactContract, scope: Scope | null): ArtifactContract {
  if (scope === null) return artifact;
  return { ...artifact, units: { ...artifact.units, min: Math.min(1, artifact.units.min) } };
}

/** Values of a column that are held against what was asked for. */
const mostValues = 50_000;

/** The values that key columns of a scope have, to be held against what was asked for. */
export interface ScopeValues {
  /** Takes in what a table has. Throws what its reading throws. */
  take(table: Table, plan: ScanPlan): Promise<void>;
  /** For each column with such values, those that may be meant: of redacted ones none is told. */
  nearest(): readonly (readonly [column: string, values: readonly string[]])[];
}

/** Where nothing is in a scope: what is near. */
export function createScopeValues(
  { redaction }: ArtifactContract,
  { columns }: Scope,
): ScopeValues {
  const known = new Map([...columns.keys()].map((column) => [column, new Set<string>()]));
  const loose = new Map(
    [...columns].map(([column, asked]) => [column, new Set([...asked].map(looseValue))]),
  );
  return {
    async take(table, plan) {
      const normalizers = plan.key.map(({ steps }) => compileSteps(steps));
      await table.read((record) => {
        for (const [at, { name, index }] of plan.key.entries()) {
          const values = known.get(name);
          if (values === undefined) continue;
          const text = record.shown(index) ?? '';
          const normal = text === '' ? text : (normalizers[at]?.(text) ?? text);
          if (typeof normal !== 'string') continue;
          if (values.size < mostValues || loose.get(name)?.has(looseValue(normal)) === true) {
            values.add(normal);
          }
        }
      });
    },
    nearest: () =>
      [...columns].flatMap(([column, asked]) => {
        // A fingerprint of what is near tells nobody what to ask for.
        if (redaction?.columns.has(column) === true) return [];
        const near = [...asked].flatMap((value) => nearestValues(value, known.get(column) ?? []));
        return near.length === 0 ? [] : [[column, [...new Set(near)]] as const];
      }),
  };
}

/** Values that may be meant, at most three: those that are one under loose reading before those that are like it. */
function nearestValues(value: string, known: Iterable<string>): readonly string[] {
  const loose = looseValue(value);
  const all = [...known];
  const same = all.filter((one) => one !== value && looseValue(one) === loose);
  return [...new Set([...same, ...nearestNames(value, all)])].slice(0, 3);
}
