export {
  findingKinds,
  policyActions,
  policyKinds,
  severities,
  states,
  verdicts,
  type FindingKind,
  type FindingSide,
  type Policy,
  type PolicyAction,
  type PolicyKind,
  type Severity,
  type Side,
  type State,
  type Verdict,
} from './kinds.ts';
export {
  errorCodes,
  faultClass,
  KeydriftError,
  toKeydriftError,
  type ErrorCode,
  type ErrorPlace,
  type FaultClass,
  type Problem,
} from './errors.ts';
export type {
  FileLocation,
  GitLocation,
  Location,
  S3Access,
  S3Location,
  WorktreeLocation,
} from './location.ts';
export type { ByteRange, PinnedCopy, Revision, Source } from './copy.ts';
export type {
  Dialect,
  NormalizationStep,
  PlannedColumn,
  ScanPlan,
  StepParameter,
  StepShape,
} from './plan.ts';
export type {
  ArtifactContract,
  Contract,
  CsvOptions,
  KeyColumn,
  RuntimeCopy,
  UnitBounds,
} from './contract.ts';
export type {
  ArtifactReport,
  Cells,
  ChangedUnit,
  ChangeReport,
  Finding,
  Report,
  ReportedRow,
  ReportError,
  RowCount,
  SideReport,
  Warning,
} from './report.ts';
export type {
  CommandEnd,
  GateDecision,
  GateEvent,
  HandedCopy,
  HandOver,
  Override,
} from './gate.ts';
export type { Format, FormatWarning, OpenedTable, RawRecord } from './records.ts';
export {
  shownRows,
  type InvalidRow,
  type KeyGroup,
  type KeyRows,
  type Variant,
} from './key-groups.ts';
