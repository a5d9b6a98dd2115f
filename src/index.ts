export { audit, type AuditOptions } from './app/audit.ts';
export { bundle, type BundleOptions, type BundleRun } from './app/bundle.ts';
export { diff, type DiffOptions } from './app/diff.ts';
export { investigate, type InvestigateOptions } from './app/investigate.ts';
export { lint, type LintOptions } from './app/lint.ts';
export { planPublication, publish, type PublishOptions } from './app/publish.ts';
export type { AppContext } from './app/context.ts';
export type { ContractOptions, JudgeOptions } from './app/options.ts';
export {
  investigationReporters,
  publicationReporters,
  reporters,
  type InvestigationReporter,
  type PublicationOptions,
  type PublicationReporter,
  type PublishDocument,
  type Reporter,
  type ReportOptions,
} from './report/index.ts';
export {
  errorCodes,
  KeydriftError,
  type ArtifactReport,
  type ErrorCode,
  type Finding,
  type FindingKind,
  type Investigation,
  type Publication,
  type PublishPlan,
  type Report,
  type SideReport,
  type State,
  type Verdict,
} from './model/index.ts';
