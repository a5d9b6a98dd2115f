import * as html from '../../src/report/outputs/html.ts';
import * as json from '../../src/report/outputs/json.ts';
import * as markdown from '../../src/report/outputs/markdown.ts';
import * as text from '../../src/report/outputs/text.ts';
import type { Reporters } from '../../src/report/index.ts';

/** What tells a report, by the output that does. */
export const reporters: Readonly<
  Record<'text' | 'json' | 'markdown' | 'html', Reporters['report']>
> = { text: text.report, json: json.report, markdown: markdown.report, html: html.report };

export const investigationReporters: Readonly<
  Record<'text' | 'json' | 'html', Reporters['investigation']>
> = { text: text.investigation, json: json.investigation, html: html.investigation };

export const publicationReporters: Readonly<
  Record<'text' | 'json' | 'markdown', Reporters['publication']>
> = { text: text.publication, json: json.publication, markdown: markdown.publication };
