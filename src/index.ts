export { audit, type AuditOptions } from './commands/audit/audit.ts';
export { bundle, type BundleOptions, type BundleRun } from './commands/bundle/bundle.ts';
export { diff, type DiffOptions } from './commands/diff/diff.ts';
export { investigate, type InvestigateOptions } from './commands/investigate/investigate.ts';
export { lint, type LintOptions } from './commands/lint/lint.ts';
export { planPublication, publish, type PublishOptions } from './commands/publish/publish.ts';
export type { AppContext } from './judge/context.ts';
export type { ContractOptions, JudgeOptions } from './judge/options.ts';
export {
  outputs,
  reporterOf,
  type Output,
  type PublicationOptions,
  type PublishDocument,
  type Reporter,
  type Reporters,
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
