export { amplificationOf, type SideTotals } from './bounds.ts';
export { findChanges } from './change.ts';
export { findFindings, type Comparison } from './findings.ts';
export { failOn, strictPolicy } from './policy.ts';
export { countRespelled } from './respelled.ts';
export { comparedState, countFindings, findingsVerdict, noFindings } from './state.ts';
