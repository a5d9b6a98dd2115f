import type { PolicyKind, S3Access } from '../model/index.ts';

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
  readonly cacheDirectory: string;
}

/** Options of commands that read a contract. */
export interface ContractOptions extends JudgeOptions {
  /** `--config`, or null. */
  readonly config: string | null;
  /** `--against`, `bundle:DIR`: where reviewed copies are instead of git; null: in git. */
  readonly against: string | null;
  /** Chosen artifacts; none: all. */
  readonly names: readonly string[];
}
