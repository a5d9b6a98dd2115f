import type { Investigation } from '../../model/index.ts';
import type { ReportOptions } from '../reporter.ts';

/** Tells an investigation in chunks that are written one after the other; the last ends a line. */
export type InvestigationReporter = (
  investigation: Investigation,
  options: ReportOptions,
) => Iterable<string>;
