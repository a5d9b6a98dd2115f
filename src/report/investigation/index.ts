import { investigationHtml } from '../html/investigation.ts';
import { investigationJson } from './json.ts';
import type { InvestigationReporter } from './reporter.ts';
import { investigationText } from './text.ts';

/** Every form an investigation is told in; adding one is one file and one line here. */
export const investigationReporters: {
  readonly text: InvestigationReporter;
  readonly json: InvestigationReporter;
  readonly html: InvestigationReporter;
} = { text: investigationText, json: investigationJson, html: investigationHtml };
