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
export type { Bundle, BundledCopy, BundledVersion, BundleManifest } from './bundle.ts';
export type {
  BundleLocation,
  BundlePlace,
  FileLocation,
  GitLocation,
  Location,
  S3Access,
  S3Location,
  WorktreeLocation,
} from './location.ts';
export type {
  ByteRange,
  PinnedCopy,
  Revision,
  Source,
  TimeWindow,
  VersionInForce,
  VersionsInForce,
} from './copy.ts';
export {
  acceptableKinds,
  type Acceptance,
  type AcceptableKind,
  type AcceptEntry,
  type AcceptProposal,
  type RefusedProposal,
  type UnusedEntry,
} from './accept.ts';
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
export type { Format, FormatWarning, OpenedTable, RawRecord } from './records.ts';
export {
  shownRows,
  type InvalidRow,
  type KeyGroup,
  type KeyRows,
  type Variant,
} from './key-groups.ts';
