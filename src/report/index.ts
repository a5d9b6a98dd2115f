import { html } from './html/report.ts';
import { json } from './json.ts';
import { markdown } from './markdown.ts';
import type { Reporter } from './reporter.ts';
import { text } from './text.ts';

export { acceptYaml } from './accept-yaml.ts';
export type { Reporter, ReportOptions } from './reporter.ts';
export { describeBundle } from './bundle.ts';
export { describeError, type ErrorOptions } from './error.ts';
export { describeGateEvent } from './gate-text.ts';
export { gateEventLine } from './gate-json.ts';
export { shellQuote } from './command.ts';
export { escapeTerminal } from './escape.ts';
export { fairShare } from './publication-change.ts';
export { investigationReporters } from './investigation/index.ts';
export type { InvestigationReporter } from './investigation/reporter.ts';
export {
  publicationReporters,
  type PublicationOptions,
  type PublicationReporter,
  type PublishDocument,
} from './publication.ts';

/** Every form a report is told in; adding one is one file and one line here. */
export const reporters: {
  readonly text: Reporter;
  readonly json: Reporter;
  readonly markdown: Reporter;
  readonly html: Reporter;
} = { text, json, markdown, html };
