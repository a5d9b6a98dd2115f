import type { Limits, PolicyKind, S3Access } from '../model/index.ts';

/** Options that every judging command has (SPEC §4). */
export interface JudgeOptions {
  /** `--ref`. */
  readonly ref: string;
  /** From flags and environment; null leaves it to the contract and the AWS chain. */
  readonly access: S3Access;
  /** `--fail-on`, or null. */
  readonly failOn: ReadonlySet<PolicyKind> | null;
  /** False under `--no-fail`. */
  readonly enforced: boolean;
  /** `--max-findings`; null leaves it to the contract. */
  readonly maxFindings?: number | null;
  readonly cacheDirectory: string;
  /** `--timeout` in seconds; left out or null: none. */
  readonly timeout?: number | null;
}

/** How a contract is found, and what it is filled in with; what is left out was not said. */
export interface ContractChoice {
  /** `--config`, or null. */
  readonly config: string | null;
  /** `--config-sha256`, hex. */
  readonly configSha256?: string | null;
  /** Whether somebody said `--ref`: else a contract of a commit is read with its own copies. */
  readonly refIs?: 'given' | 'default';
  readonly access: S3Access;
  /** `--var`, by name. */
  readonly variables?: ReadonlyMap<string, string>;
  /** `--max-findings`; null leaves it to the contract. */
  readonly maxFindings?: number | null;
  /** `--redact` and `--redact-key`: values that are told as fingerprints only. */
  readonly redact?: { readonly columns: readonly string[]; readonly key: string | null };
  /** `--limits`: what a contract may raise. */
  readonly limits?: Partial<Limits>;
}

/** Options of commands that read a contract. */
export interface ContractOptions extends JudgeOptions, ContractChoice {
  /** `--against`, `bundle:DIR`: where reviewed copies are instead of git; null: in git. */
  readonly against: string | null;
  /** Chosen artifacts; none: all. */
  readonly names: readonly string[];
  /** `--select`: what chosen artifacts say of themselves. */
  readonly select?: readonly Selection[];
}

/** `owner=data-platform` or `label.tier=1`. */
export interface Selection {
  readonly word: 'owner' | 'runbook' | { readonly label: string };
  readonly value: string;
}
