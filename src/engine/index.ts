export { confirmChosen, countSingles, type ConfirmedSide } from './confirm.ts';
export {
  groupAll,
  groupAlone,
  joinKeySets,
  type Choice,
  type KeyGroups,
  type UnitChanges,
} from './groups.ts';
export { compileLoose, loosePlan } from './loose.ts';
export { isPlannedAlike, planScan, presentColumns, type PlanRequest } from './plan.ts';
export { plannedEngine, type CommonUnits, type HowToReduce, type KeySet } from './port.ts';
export { reduceTable } from './reduce.ts';
export { createRowJudge, type JudgedRow } from './row.ts';
export { reduceApart } from './sql/apart.ts';
export { reduceTables } from './sql/join.ts';
export { digestFile } from './sql/file-digest.ts';
export { fileKeySet, plannedKeySet, tableKeySet } from './sql/keyset.ts';
export { reduceMixed } from './sql/mixed.ts';
export type { HowToAsk, ReducedTable } from './sql/reduced.ts';
export type { SqlSide } from './sql/rows.ts';
export { explainQueries, type ExplainedQuery } from './sql/explain.ts';
