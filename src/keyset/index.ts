export { buildKeySet, type KeySet, type RecordReader } from './build.ts';
export {
  confirmCandidates,
  type CandidateSide,
  type Confirmed,
  type RowReader,
} from './confirm.ts';

export { joinTables, type RowGroup } from './join.ts';
export { planScan, type PlanRequest } from './plan.ts';
export { createRowJudge, type CompileSteps, type JudgedRow, type RowJudge } from './row.ts';
export { createRowTable, type RowTable } from './table.ts';
