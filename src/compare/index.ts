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
export { comparedState, noFindings, mayBePending, standsBetween, type Weighed } from './state.ts';
export { toCells, type Comparison, type MovedUnit } from './input.ts';
export { addFinders, type Finder } from './findings.ts';
export { proposeAccept } from './propose.ts';
export { countRespelled, looseValue, respelledUnits } from './respelled.ts';
export { acceptFindings, unusedWarning, type Accepted } from './accept.ts';
export { unitPrefix } from './unit-prefix.ts';
export { variantId } from './variant.ts';
export { movedUnits } from './moved.ts';
export { compareKeys } from './order.ts';
