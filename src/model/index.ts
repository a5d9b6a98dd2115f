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
export type { ByteRange, PinnedCopy, PublishedClaim, Revision, Source } from './copy.ts';
export type {
  Dialect,
  NormalizationStep,
  PlannedColumn,
  ScanPlan,
  StepParameter,
  StepShape,
} from './plan.ts';
export {
  cannedAcls,
  encryptions,
  type ArtifactContract,
  type CannedAcl,
  type Contract,
  type CsvOptions,
  type Encryption,
  type KeyColumn,
  type PutOptions,
  type RuntimeCopy,
  type UnitBounds,
} from './contract.ts';
export type {
  ArtifactReport,
  Cells,
  ChangedUnit,
  ChangeReport,
  ClaimReport,
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
