import type { Report } from '../model/index.ts';

/** How a report is to be told; every reporter takes what applies to it. */
export interface ReportOptions {
  /** Columns of the terminal, 80 when unknown; text. */
  readonly width: number;
  /** Whether text may carry ANSI colour. */
  readonly color: boolean;
  /** Findings shown for each artifact; text and markdown. JSON has all, html what a browser opens. */
  readonly limit: number;
  /** Only one line for each artifact that is not in sync; text. */
  readonly quiet: boolean;
}

/**
 * Tells a report in chunks that are written one after the other: a whole report of a million
 * findings is longer than a string can be. The last chunk ends with a newline.
 */
export type Reporter = (report: Report, options: ReportOptions) => Iterable<string>;
