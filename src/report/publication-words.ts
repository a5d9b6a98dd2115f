import {
  copyName,
  type Outcome,
  type PlannedCopy,
  type PublishAction,
  type PublishedCopy,
  type PublishPlan,
  type PublishReason,
} from '../model/index.ts';
import { escapeTerminal, showValue } from './escape.ts';
import type { PublishDocument } from './reporter.ts';
import type { Style } from './style.ts';
import { more } from './wording.ts';

/** What is to be done, in a word. */
export const actionWords: Readonly<Record<PublishAction, readonly [word: string, style: Style]>> = {
  create: ['CREATE', 'yellow'],
  replace: ['REPLACE', 'yellow'],
  none: ['up to date', 'green'],
  refuse: ['REFUSED', 'red'],
  unknown: ['NO VERDICT', 'red'],
};

/** What was done, in a word. */
export const outcomeWords: Readonly<Record<Outcome, readonly [word: string, style: Style]>> = {
  published: ['published', 'green'],
  'up-to-date': ['up to date', 'green'],
  refused: ['REFUSED', 'red'],
  declined: ['not written: declined', 'yellow'],
  failed: ['FAILED', 'red'],
  'not-attempted': ['not written: not attempted', 'yellow'],
};

/** Why it is to be done, and why it was. */
const reasonWords: Readonly<Record<PublishReason, readonly [now: string, then: string]>> = {
  missing: ['there is no object', 'there was no object'],
  bytes: ['the bytes differ', 'the bytes differed'],
  claim: [
    'the bytes are right, but the object claims others',
    'the bytes were right, but the object claimed others',
  ],
  encryption: ['the contract wants another encryption', 'the contract wants another encryption'],
  tags: ['the contract wants other tags', 'the contract wants other tags'],
};

/** Why a copy is to be written, or was, a sentence for each reason. */
export function reasonsOf(copy: PlannedCopy | PublishedCopy): readonly string[] {
  const isDone = 'outcome' in copy && copy.outcome === 'published';
  return copy.reasons.map((reason) => reasonWords[reason][isDone ? 1 : 0]);
}

/** What is done with a copy, or was, in a word. */
export function wordOf(copy: PlannedCopy | PublishedCopy): readonly [word: string, style: Style] {
  return 'outcome' in copy ? outcomeWords[copy.outcome] : actionWords[copy.action];
}

/** Copies that a question names. */
const mostAsked = 5;

/**
 * What somebody says yes to, the question last: each copy that would be written, from which commit, and
 * over or into which place. Safe on a terminal.
 */
export function publicationQuestion(
  { publications }: Pick<PublishPlan, 'publications'>,
  ref: string,
): readonly string[] {
  const writes = publications.filter(({ action }) => action !== 'none');
  const [only] = writes;
  if (only !== undefined && writes.length === 1) return [`Publish ${asked(only, ref)}?`];
  const shown = writes.slice(0, mostAsked).map((copy) => `- ${asked(copy, ref)}`);
  const rest = writes.length - shown.length;
  return [...shown, ...(rest > 0 ? [more(rest)] : []), `Publish these ${writes.length} copies?`];
}

/** `plants of commit d70860ccae3b (HEAD, branch main) over s3://prod/plants.csv`. */
function asked({ name, copy, reviewed, action, target }: PlannedCopy, ref: string): string {
  const { commit = '' } = reviewed ?? {};
  const by = commit.startsWith(ref) ? '' : ` (${escapeTerminal(ref)}${headWords(reviewed)})`;
  const what = `${showValue(copyName(name, copy))} of commit ${commit.slice(0, 12)}${by}`;
  const place = escapeTerminal(placeOf(target));
  return `${what} ${action === 'create' ? 'as the new object' : 'over'} ${place}`;
}

/** What HEAD is, where that is the ref: `, branch main`; else nothing. */
export function headWords(reviewed: PlannedCopy['reviewed']): string {
  const { branch } = reviewed ?? {};
  if (branch === undefined) return '';
  return branch === null ? ', detached' : `, branch ${escapeTerminal(branch)}`;
}

/** Where a copy is to be written: `s3://prod/plants.csv at http://127.0.0.1:4566`. */
export function placeOf({
  location,
  endpoint,
}: Pick<PlannedCopy['target'], 'location' | 'endpoint'>): string {
  return endpoint === null ? location : `${location} at ${endpoint}`;
}

const planWords: Readonly<Record<PublishAction, string>> = {
  create: 'to create',
  replace: 'to replace',
  none: 'up to date',
  refuse: 'refused',
  unknown: 'without a verdict',
};

/** `keydrift: plan: 1 to replace (exit code 0)`. */
export function lastLine(document: PublishDocument): string {
  const words = new Map<string, number>();
  for (const copy of document.publications) {
    const word = 'outcome' in copy ? outcomeWords[copy.outcome][0] : planWords[copy.action];
    words.set(word.toLowerCase(), (words.get(word.toLowerCase()) ?? 0) + 1);
  }
  const parts = [...words].map(([word, number]) => `${number} ${word}`);
  const told = parts.length === 0 ? 'nothing was done' : parts.join(', ');
  const plan = document.schema === 'keydrift.plan/1' ? 'plan: ' : '';
  return `keydrift: ${plan}${told} (exit code ${document.exitCode})`;
}
