import type {
  Outcome,
  PlannedCopy,
  PublishAction,
  PublishedCopy,
  PublishReason,
} from '../model/index.ts';
import type { PublishDocument } from './reporter.ts';
import type { Style } from './style.ts';

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
