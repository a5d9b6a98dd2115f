export { audit, type AuditOptions } from './app/audit.ts';
export { bundle, type BundleOptions, type BundleRun } from './app/bundle.ts';
export { diff, type DiffOptions } from './app/diff.ts';
export { lint, type LintOptions } from './app/lint.ts';
export type { AppContext } from './app/context.ts';
export type { ContractOptions, JudgeOptions } from './app/options.ts';
export { reporters, type Reporter, type ReportOptions } from './report/index.ts';
export {
  errorCodes,
  KeydriftError,
  type ArtifactReport,
  type ErrorCode,
  type Finding,
  type FindingKind,
  type Report,
  type SideReport,
  type State,
  type Verdict,
} from './model/index.ts';
