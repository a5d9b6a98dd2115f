import { html } from './html/report.ts';
import { investigationReporters } from './investigation/index.ts';
import type { InvestigationReporter } from './investigation/reporter.ts';
import { json } from './json.ts';

import { markdown } from './markdown.ts';
import { publicationReporters, type PublicationReporter } from './publication.ts';
import type { Reporter } from './reporter.ts';
import { text } from './text.ts';

export { acceptYaml } from './accept-yaml.ts';
export type { Reporter, ReportOptions } from './reporter.ts';
export { describeBundle } from './bundle.ts';
export { describeError, type ErrorOptions } from './error.ts';
export { describeGateEvent } from './gate-text.ts';
export { gateEventLine } from './gate-json.ts';
export { escapeTerminal } from './escape.ts';
export { fairShare } from './publication-change.ts';
export { investigationReporters, publicationReporters };
export type { InvestigationReporter };
export type { PublicationOptions, PublicationReporter, PublishDocument } from './publication.ts';

/** Every form a report is told in; adding one is one file and one line here. */
export const reporters: {
  readonly text: Reporter;
  readonly json: Reporter;
  readonly markdown: Reporter;
  readonly html: Reporter;
} = { text, json, markdown, html };

/** What an output can show; a command offers those that can show what it tells. */
export interface Output {
  readonly report?: Reporter;
  readonly investigation?: InvestigationReporter;
  readonly publication?: PublicationReporter;
}

/** Every output, for every command: adding one is one file and one line here. */
export const outputs: Readonly<Record<string, Output>> = {
  text: {
    report: text,
    investigation: investigationReporters.text,
    publication: publicationReporters.text,
  },
  json: {
    report: json,
    investigation: investigationReporters.json,
    publication: publicationReporters.json,
  },
  markdown: { report: markdown, publication: publicationReporters.markdown },
  html: { report: html, investigation: investigationReporters.html },
};

/** Of some outputs those that can show something, by their names. */
export function showing<What extends keyof Output>(
  all: Readonly<Record<string, Output>>,
  what: What,
): Readonly<Record<string, NonNullable<Output[What]>>> {
  const able = Object.entries(all).flatMap(([name, output]) => {
    const shows = output[what];
    return shows === undefined ? [] : [[name, shows] as const];
  });
  return Object.fromEntries(able);
}
