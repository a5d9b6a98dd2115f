/** A normalization step as named data (SPEC §3): `{step: 'decimal', parameter: 2}`. */
export interface NormalizationStep {
  readonly step: string;
  /** Null for steps without one. */
  readonly parameter: StepParameter | null;
}
export type StepParameter = number | string | readonly string[];

/** What a contract may say of a step. The table of steps is handed to the contract stage. */
export interface StepShape {
  readonly name: string;
  /** Null: the step is written as its bare name; otherwise as `{name: parameter}`. */
  readonly parameter: {
    /** Whether it may be written as its bare name, too; left out: it may not. */
    readonly optional?: true;
    /** For messages: `a whole number from 0 to 30`. */
    readonly expected: string;
    accepts(value: unknown): value is StepParameter;
    readonly jsonSchema: Readonly<Record<string, unknown>>;
  } | null;
}

/** A column that decides: it is read, normalized and compared. */
export interface PlannedColumn {
  /** The contract's word for it, whatever this copy's header says. */
  readonly name: string;
  /** 0-based place in this copy's records. */
  readonly index: number;
  readonly role: 'key' | 'consumed';
  /** Whether a key value may be empty. */
  readonly optional: boolean;
  readonly steps: readonly NormalizationStep[];
  /** What is told of a value; left out: the value. */
  readonly show?: (value: string) => string;
}

/** What is to be read of one copy. */
export interface ScanPlan {
  /** Cells in a record of the header's width. */
  readonly width: number;
  /** Key columns in contract order. */
  readonly key: readonly PlannedColumn[];
  /** Consumed columns, in the same order on both sides. */
  readonly consumed: readonly PlannedColumn[];
  /** No consumed value is another value than an empty one; left out: it is the same. */
  readonly nulls?: 'distinct';
}
