export { linesOf, tellLines } from './column-lines.ts';
export {
  acceptableKinds,
  addKinds,
  countsOf,
  findingKinds,
  kindEntry,
  policyActions,
  policyKinds,
  policyOf,
  severities,
  states,
  strictPolicy,
  verdicts,
  type AcceptableKind,
  type FindingKind,
  type FindingSide,
  type KindEntry,
  type Policy,
  type PolicyAction,
  type PolicyKind,
  type Severity,
  type Side,
  type SideNames,
  type State,
  type Verdict,
} from './kinds.ts';
export {
  faultClass,
  hintOf,
  KeydriftError,
  memberOf,
  needsFetch,
  retold,
  systemLimit,
  toKeydriftError,
  type ContractPlace,
  type ErrorPlace,
  type HintText,
  type Problem,
} from './errors.ts';
export { errorCodes, isRetryable, type ErrorCode } from './error-codes.ts';
export {
  defaultLimits,
  heldTo,
  limitUnits,
  nearFrom,
  tooLarge,
  type Limits,
  type ReadLimits,
} from './limits.ts';
export {
  byTurns,
  inSlices,
  pause,
  sliceBytes,
  sliceRows,
  sortedInSlices,
  sortInSlices,
} from './slices.ts';
export { whenAborted } from './abort.ts';
export { sha256Hex, sha256Of, sumLine, wholeOf } from './bytes.ts';
export { clipMessage, clipTo } from './clip.ts';
export {
  beginEvent,
  heardBy,
  tellAdvance,
  watchWork,
  type EventFacts,
  type EventKind,
  type Listener,
  type UnderWay,
} from './events.ts';
export type { Step } from './step.ts';
export { csvCell, doubleQuoted, shellQuote, singleQuoted } from './quoting.ts';
export type { RecordedArtifact, RunOfCopy, RunRecord, RunStory } from './run-record.ts';
export {
  dayMs,
  durationExpected,
  durationPattern,
  parseDuration,
  unitSeconds,
} from './duration.ts';
export { parseSize, sizeExpected, sizePattern } from './size.ts';
export { nearestHint, nearestNames, quote } from './wording.ts';
export type { Bundle, BundledCopy, BundledVersion, BundleManifest } from './bundle.ts';
export type {
  BundleLocation,
  BundlePlace,
  FileLocation,
  Folder,
  GitLocation,
  Location,
  PartsLocation,
  S3Access,
  S3Location,
  StdinLocation,
  UnsetLocation,
} from './location.ts';
export { isUnset } from './location.ts';
export { engineKinds, type EngineWord } from './engines.ts';
export type {
  ColumnText,
  CompileSql,
  EngineSettings,
  LakeColumn,
  LakeRow,
  LakeTable,
  QueryFacts,
  SqlBuilder,
  SqlStep,
  PackedHash,
  SqlWords,
  TextForm,
  TableLocation,
} from './lake.ts';
export type {
  ByteRange,
  CopyPart,
  PinnedCopy,
  PinnedFolder,
  PublishedClaim,
  TimeWindow,
  VersionInForce,
  VersionsInForce,
} from './copy.ts';
export {
  commitRevision,
  fileRevision,
  folderRevision,
  namesRevision,
  objectRevision,
  shortVersionId,
  revisionWord,
  timeText,
  type Revision,
  type RevisionFacts,
} from './revision.ts';
export {
  mostListed,
  schemeOfText,
  type CommitAhead,
  type CommitPlace,
  type CommitStanding,
  type ListedFile,
  type LocationFault,
  type MergeBase,
  type PinPurpose,
  type Scheme,
  type Schemes,
  type Source,
  type SourceContext,
  type StagedFile,
  type Stores,
  type Environment,
} from './source.ts';
export type { KnownBytes, ObjectAttributes, ObjectState, PutAnswer, Writer } from './writer.ts';
export { nullCell } from './null-cell.ts';
export { matchesGlob, matchesPathGlob } from './glob.ts';
export { numberFingerprints, redactCells, type Redaction } from './redaction.ts';
export { byCodeUnits, copyName, refExpected, refPattern, count } from './names.ts';
export type {
  Acceptance,
  AcceptEntry,
  AcceptProposal,
  RefusedProposal,
  UnusedEntry,
} from './accept.ts';
export type {
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
  type ArtifactFamily,
  type CannedAcl,
  type ColumnWords,
  type Contract,
  type ContractProvenance,
  type CsvOptions,
  type Encryption,
  type FamilyPlace,
  type KeyColumn,
  type PutOptions,
  type RuntimeCopy,
  type UnitBounds,
  type UnitScan,
  type WrittenWords,
} from './contract.ts';
export type {
  EngineReport,
  FileSideReport,
  ArtifactReport,
  ChangedUnit,
  ChangeReport,
  EnforcementChange,
  EnforcementReport,
  ClaimReport,
  Finding,
  GivenOption,
  HandedCopy,
  NotEnforced,
  PartReport,
  Report,
  Resolved,
  Transition,
  ReportedRow,
  ReportError,
  RowCount,
  SideReport,
  UnreadSide,
} from './report.ts';
export { warningsOfRuns, type Cells, type FormatWarning, type Warning } from './warning.ts';
export { createPool } from './pool.ts';
export { perObject } from './per-object.ts';
export { createRowReporter, type RowReporter } from './reported-row.ts';
export { isFileSide } from './report.ts';
export type {
  ObjectTag,
  ObjectWrite,
  Outcome,
  Publication,
  PublishAction,
  PublishedCopy,
  PublishPlan,
  PublishReason,
  PlannedChange,
  PlannedCopy,
  PlannedObject,
  PlannedOrder,
  PlannedRow,
  PlannedSource,
  PlannedUnit,
  Refusal,
  WriteCondition,
  WrittenRevision,
} from './publication.ts';
export type {
  CommandEnd,
  GateDecision,
  GateEvent,
  HandedTable,
  HandOver,
  Override,
} from './gate.ts';
export { createCellWriter } from './packed.ts';
export {
  markWords,
  noValue,
  type ByteSource,
  type CanonicalColumns,
  type DelimitedText,
  type EffectsPart,
  type EffectsRequest,
  type EnoughEffects,
  type Format,
  type Ending,
  type FormatOptions,
  type FormatRegistry,
  type NeededColumn,
  type PackedSink,
  type RawRecord,
  type RecordMarks,
  type RecordPlaces,
  type RecordSink,
  type RowPlace,
  type Table,
  type UnsaidForm,
} from './table.ts';
export { ofShape, plainFinding, rankOf, withFacts } from './finding-shape.ts';
export {
  shownRows,
  type InvalidRow,
  type KeyGroup,
  type KeyRows,
  type KindCount,
  type PackedUnits,
  type SingleUnits,
  type Variant,
} from './key-groups.ts';
export type {
  BlamedLine,
  HistoryReach,
  LastChange,
  ObjectVersion,
  ObjectVersions,
  PathContents,
  PrefixSize,
  ReviewedChange,
  ReviewedHistory,
  TimelinePoint,
  UnmergedChange,
  VersionWindow,
} from './history.ts';
export { nothingFound } from './investigation.ts';
export type {
  CommitEntry,
  Cost,
  FindingCounts,
  Investigation,
  LaterOnset,
  Onset,
  PointChange,
  PointComparison,
  Relation,
  SlicePoint,
  SliceRow,
  SliceStory,
  TimelineEntry,
  UnitCost,
  VersionEntry,
} from './investigation.ts';
export { causeKinds, type Cause, type CauseKind, type EditCounts } from './cause.ts';
export type { DecidedArtifact, Decision } from './decision.ts';
export {
  allReaders,
  readerNames,
  readers,
  type NamedReader,
  type ReaderName,
  type SaidReaders,
} from './readers.ts';
export {
  addEffect,
  type Ambiguity,
  type EffectOnReader,
  type HazardEffects,
  type ReaderEffects,
} from './ambiguity.ts';
