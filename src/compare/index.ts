export { amplificationOf, findBounds } from './bounds.ts';
export {
  addEffects,
  countsTell,
  failsFor,
  findAmbiguities,
  lacksEffects,
  shownReaders,
  untriedWords,
  withRecordsOf,
  type AmbiguousRows,
} from './ambiguous.ts';
export { matchMarks, type MatchedMarks } from './marks.ts';
export { findChanges } from './change.ts';
export {
  collectFindings,
  countFindings,
  countSeverities,
  findingsVerdict,
  listedFindings,
  markPending,
  noFindingSet,
  onlyFindings,
  reweigh,
  someFinding,
  truncatedFindings,
  type FindingSet,
} from './finding-set.ts';
export { type Weighed } from './lag.ts';
export { toCells, type Comparison } from './input.ts';
export { addFinders, type Finder } from './findings.ts';
export { proposeAccept } from './propose.ts';
export { failOn } from './policy.ts';
export { strictPolicy } from '../model/index.ts';
export { countRespelled, looseValue, respelledUnits } from './respelled.ts';
export { comparedState, noFindings } from './state.ts';
export { acceptFindings, type Accepted } from './accept.ts';
export { unusedWarning } from './accept-warnings.ts';
export { mayBePending, standsBetween } from './lag.ts';
export { unitPrefix } from './unit-prefix.ts';
export { variantId } from './variant.ts';
export { movedUnits } from './moved.ts';
export { type MovedUnit } from './input.ts';
export { compareKeys } from './order.ts';
