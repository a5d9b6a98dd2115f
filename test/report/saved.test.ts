import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseSavedReport } from '../../src/commands/saved-report.ts';
import type { Report } from '../../src/model/index.ts';
import * as github from '../../src/report/outputs/github.ts';
import * as html from '../../src/report/outputs/html.ts';
import * as json from '../../src/report/outputs/json.ts';
import * as junit from '../../src/report/outputs/junit.ts';
import * as markdown from '../../src/report/outputs/markdown.ts';
import * as openmetrics from '../../src/report/outputs/openmetrics.ts';
import * as sarif from '../../src/report/outputs/sarif.ts';
import * as slack from '../../src/report/outputs/slack.ts';
import * as text from '../../src/report/outputs/text.ts';
import { options } from './build.ts';

/*
 * A saved report may be anybody's. Each string of one is, alone, made what a terminal, a CI, a page
 * or an XML reader would obey: it is refused, or no output lets it through.
 */

const evil = 'x\u001b[31m\u202e\n::error::x\n##vso[a]<script>alert(1)</script>\u009b';
const folder = join(import.meta.dirname, 'golden');
const reports = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => [name, readFileSync(join(folder, name), 'utf8')] as const)
  // A place is tried in the shortest report that has it.
  .toSorted(([, one], [, other]) => one.length - other.length);

/** Where the strings of a document stand. */
function placesOf(value: unknown, place: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value === 'string') return [place];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => placesOf(inner, [...place, name]));
}

function withEvilAt(document: string, place: readonly string[]): string {
  const parsed: unknown = JSON.parse(document);
  let holder: unknown = parsed;
  for (const name of place.slice(0, -1)) holder = Reflect.get(Object(holder), name);
  Reflect.set(Object(holder), place.at(-1)!, evil);
  return JSON.stringify(parsed);
}

const outputs: Readonly<Record<string, (told: Report) => string>> = {
  text: (told) => [...text.report(told, options)].join(''),
  json: (told) => [...json.report(told, options)].join(''),
  markdown: (told) => [...markdown.report(told, options)].join(''),
  html: (told) => [...html.report(told, options)].join(''),
  junit: (told) => [...junit.report(told, options)].join(''),
  sarif: (told) => [...sarif.report(told, options)].join(''),
  github: (told) => [...github.report(told, options)].join(''),
  openmetrics: (told) => [...openmetrics.report(told, options)].join(''),
  slack: (told) => [...slack.report(told, options)].join(''),
};

/** What of an output is obeyed by whoever shows it. */
function obeyed(output: string, told: string): readonly string[] {
  const lines = told.split('\n');
  // Azure's agent finds its commands anywhere in a log.
  const isLog = ['text', 'json', 'markdown'].includes(output);
  const own = isLog
    ? /^\s*::|##[a-z]*\[/
    : output === 'github'
      ? /^::error::x|^##/
      : /^\s*(?:::|##[a-z]*\[)/;
  // oxlint-disable-next-line no-control-regex -- what a terminal obeys
  const raw = /[\u001b\u009b\u202e]/.test(told) ? ['a raw control'] : [];
  const tags = output === 'html' && told.includes('<script>alert') ? ['a tag'] : [];
  return [...raw, ...tags, ...lines.filter((line) => own.test(line))];
}

test('no string of a saved report is obeyed in any output', async () => {
  const seen = new Set<string>();
  let told = 0;
  for (const [name, document] of reports) {
    for (const place of placesOf(JSON.parse(document))) {
      const form = place.map((one) => (/^\d+$/.test(one) ? '#' : one)).join('.');
      if (seen.has(form)) continue;
      seen.add(form);
      const saved = await parseSavedReport(withEvilAt(document, place), name).catch(() => null);
      if (saved === null) continue;
      told += 1;
      for (const [output, tell] of Object.entries(outputs)) {
        expect([form, output, obeyed(output, tell(saved))]).toEqual([form, output, []]);
      }
    }
  }
  expect(told).toBeGreaterThan(60);
});
