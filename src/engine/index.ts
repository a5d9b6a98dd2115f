export { buildKeySet, type RecordReader } from './build.ts';
export {
  confirmCandidates,
  type CandidateSide,
  type Confirmed,
  type RowReader,
} from './confirm.ts';
export { allRowsOf, joinKeySets, repeatsOf, type Candidates } from './join.ts';
export { releaseKeySet, startKernelScan, type KernelScan } from './kernel/scan.ts';
export { takesPlan } from './kernel/takes-plan.ts';
export { areComparable, type KeySet } from './keyset.ts';
export type { KernelKeySet } from './kernel/table.ts';
export { planScan, presentColumns, type PlanRequest } from './plan.ts';
export { createRowJudge, type CompileSteps, type JudgedRow, type RowJudge } from './row.ts';
export type { RowTable } from './table.ts';
export { tallyJoin, type JoinTally } from './tally.ts';
