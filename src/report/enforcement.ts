import type { EnforcementChange, EnforcementReport } from '../model/index.ts';
import { escapeTerminal, showValue } from './escape.ts';
import { codeText } from './markdown-escape.ts';
import { clipMiddle } from './width.ts';
import { count } from './wording.ts';

const longest = 60;

/** `2 weaker, 1 stricter`; what cannot be told is said. */
export function enforcementCounts({ changes, fault }: EnforcementReport): string {
  if (fault !== null) return 'unknown, which counts as weaker';
  const of = (effect: EnforcementChange['effect']): number =>
    changes.filter((change) => change.effect === effect).length;
  const parts = (['weaker', 'stricter'] as const).flatMap((effect) =>
    of(effect) === 0 ? [] : [`${of(effect)} ${effect}`],
  );
  return parts.length === 0 ? 'as before' : parts.join(', ');
}

/** What a change of the contract does to what is enforced, weaker first; `limit` lines of it. */
export function enforcementLines(report: EnforcementReport, limit: number): readonly string[] {
  const { baseRef, fault } = report;
  const head = `enforcement since ${escapeTerminal(baseRef)}: ${enforcementCounts(report)}`;
  if (fault !== null)
    return [head, `  the contract there cannot be read: ${escapeTerminal(fault)}`];
  const { shown, rest } = ordered(report, limit);
  return [
    head,
    ...shown.map((change) => `  ${change.effect.padEnd(9)} ${ofCopy(change)}: ${said(change)}`),
    ...(rest === 0 ? [] : [`  ${count(rest, 'more change')}; JSON has all`]),
  ];
}

/** The same in Markdown: empty where nothing changed. */
export function enforcementMarkdown(report: EnforcementReport, limit: number): string {
  const { baseRef, fault, changes } = report;
  const head = `\n### enforcement since ${codeText(baseRef)}: ${enforcementCounts(report)}\n\n`;
  if (fault !== null) return `${head}The contract there cannot be read: ${codeText(fault)}\n`;
  if (changes.length === 0) return '';
  const { shown, rest } = ordered(report, limit);
  return [
    `${head}| effect | artifact | word | before | after |`,
    '| --- | --- | --- | --- | --- |',
    ...shown.map(
      (change) =>
        `| ${change.effect === 'weaker' ? '**weaker**' : 'stricter'} | ${codeText(ofCopy(change))} | ${codeText(change.word)} | ${cell(change.before)} | ${cell(change.after)} |`,
    ),
    ...(rest === 0 ? [] : ['', `${count(rest, 'more change')}.`]),
    '',
  ].join('\n');
}

function ordered(
  { changes }: EnforcementReport,
  limit: number,
): { readonly shown: readonly EnforcementChange[]; readonly rest: number } {
  const weaker = changes.filter(({ effect }) => effect === 'weaker');
  const all = [...weaker, ...changes.filter(({ effect }) => effect === 'stricter')];
  return { shown: all.slice(0, limit), rest: Math.max(0, all.length - limit) };
}

function ofCopy({ artifact, copy }: EnforcementChange): string {
  return showValue(copy === null ? artifact : `${artifact}@${copy}`);
}

function said({ word, before, after }: EnforcementChange): string {
  if (word === 'artifact' || word === 'copy') return after === null ? 'removed' : 'added';
  return `${escapeTerminal(word)}: ${brief(before)} → ${brief(after)}`;
}

function brief(text: string | null): string {
  return text === null ? 'none' : escapeTerminal(clipMiddle(text, longest));
}

function cell(text: string | null): string {
  return text === null ? '' : codeText(clipMiddle(text, longest));
}
