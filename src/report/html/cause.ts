import type { Cause } from '../../model/index.ts';
import { causeSentence } from '../cause.ts';
import { capitalized } from '../wording.ts';
import { markup, nothing, type Markup } from './markup.ts';
import { onPage, sentenceMarkup } from './sentence.ts';

/** Why the copies differ; `now` is when the report was made, ISO 8601. */
export function causePart(cause: Cause | null, now: string): Markup {
  if (cause === null) return nothing;
  const sentence = capitalized(causeSentence(cause, now, onPage));
  return markup`<div class="cause ${cause.kind}"><p class="lead">${sentenceMarkup(sentence)}</p></div>`;
}
