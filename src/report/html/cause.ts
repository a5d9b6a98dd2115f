import type { Cause } from '../../model/index.ts';
import { showValue } from '../escape.ts';
import { shortTime } from '../revision.ts';
import { foreign, markup, nothing, type Markup } from './markup.ts';
import { causeSentences, shortCommit } from './story.ts';

/** Why the copies differ, and the commit that the runtime copy equals or is nearest to. */
export function causePart(cause: Cause | null): Markup {
  if (cause === null) return nothing;
  const [first = '', ...others] = causeSentences(cause);
  const more = others.length === 0 ? null : markup`<p>${others.join(' ')}</p>`;
  return markup`<div class="cause ${cause.kind}"><p class="lead">${first}</p>${more}${commitLine(cause)}</div>`;
}

function commitLine({ commit, subject, author, committedAt }: Cause): Markup {
  if (commit === null) return nothing;
  const time = committedAt === null ? '' : `, ${shortTime(committedAt)}`;
  const by = author === null ? null : markup` by ${foreign(showValue(author))}`;
  const what = subject === null ? null : markup` ${foreign(showValue(subject))}`;
  return markup`<p class="commit"><code>${shortCommit(commit)}</code>${what}${by}${time}</p>`;
}
