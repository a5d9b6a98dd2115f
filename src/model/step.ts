/** What somebody can do about a copy, each its own way out. */
export const stepKinds = [
  'wait',
  'fetch',
  'fix',
  'merge',
  'publish',
  'restore',
  'run',
  'override',
] as const;
export type StepKind = (typeof stepKinds)[number];

/** One way out of what was found: what it does, and what is typed for it. */
export interface Step {
  readonly kind: StepKind;
  /** One sentence. It may hold text of strangers. */
  readonly text: string;
  /** The same of its first commands, one each, for a line of a log; left out: a refusal's line tells none. */
  readonly briefs?: readonly string[];
  /**
   * Lines of a shell, in the order in which they are typed, with the options that the run was given;
   * none where nothing is typed. `REASON` is the reader’s own, and `COMMAND` where it is not known or not repeated
   * (with the `{ARTIFACT}` that stands for its file, where it is not known).
   */
  readonly commands: readonly string[];
}
