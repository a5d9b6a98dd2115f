import type { Cause } from '../../model/index.ts';
import { causeSentence, type Show } from '../cause.ts';
import { escapeTerminal } from '../escape.ts';
import { letBreak } from '../width.ts';
import { capitalized } from '../wording.ts';
import { markup, nothing, type Markup, foreign } from './markup.ts';

/** The isolate that `<bdi>` is, as characters: escaped text has none of its own. */
const isolate = '\u2068';
const isolateEnd = '\u2069';

/** On a page: whole, and marked where a stranger's words start and end, for `sentenceMarkup`. */
export const onPage: Show = {
  title: (text) => isolate + escapeTerminal(text) + isolateEnd,
  sentence: escapeTerminal,
};

/** A sentence of a report for the page: a stranger's words isolated, broken where the browser likes. */
export function sentenceMarkup(text: string): Markup {
  const [first = '', ...others] = letBreak(text).split(isolate);
  const pieces = others.map((piece) => {
    const [words = '', rest = ''] = piece.split(isolateEnd);
    return markup`${foreign(words)}${timed(rest)}`;
  });
  return markup`${timed(first)}${pieces}`;
}

/** Words of our own, a time in them never broken at its hyphens. */
function timed(text: string): readonly Markup[] {
  return text
    .split(/(\d{4}-\d\d-\d\d(?: \d\d:\d\d(?::\d\d)?Z)?)/)
    .map((part, at) => (at % 2 === 1 ? markup`<time>${part}</time>` : markup`${part}`));
}

/** Why the copies differ; `now` is when the report was made, ISO 8601. */
export function causePart(cause: Cause | null, now: string): Markup {
  if (cause === null) return nothing;
  const sentence = capitalized(causeSentence(cause, now, onPage));
  return markup`<div class="cause ${cause.kind}"><p class="lead">${sentenceMarkup(sentence)}</p></div>`;
}
