export {
  causeOfEqual,
  causeOfLoose,
  causeOfNearest,
  causeOfUnmerged,
  isNear,
  toEdits,
  unknownCause,
  type HeldChange,
  type HeldEdits,
} from './cause.ts';
export { driftOf, findDriftRun, type DriftKind, type DriftRun } from './onset.ts';
export { weave, type Standing } from './weave.ts';
