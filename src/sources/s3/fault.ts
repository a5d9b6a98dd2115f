import type { ErrorCode } from '../../model/index.ts';
import type { S3Failure } from './failure.ts';
import type { S3Place } from './place.ts';

/** What an error is called, what it says and what to do. */
export interface Fault {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
}

/** A kind of fault that a failure may be; null: it is not. */
export type FaultReader = (failure: S3Failure, place: S3Place) => Fault | null;
