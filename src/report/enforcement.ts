import {
  copyName,
  type ContractPlace,
  type EnforcementChange,
  type EnforcementReport,
} from '../model/index.ts';
import { count } from '../model/names.ts';
import { escapeTerminal, showValue } from './escape.ts';
import { codeText } from './markdown-escape.ts';
import { changedRuns, fitBoth, without } from './changed.ts';
import { clipMiddle, widthOf } from './width.ts';
import { capitalized } from './wording.ts';

const longest = 60;
const unorderedWords = 'cannot be ordered';
const wayOut = 'where a reviewer finds that it is meant, run lint without the flag';
const unorderedNote = 'what cannot be ordered may let more pass, or less, and counts as weaker';

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
    ...shown.map(
      (change) =>
        `  ${change.effect.padEnd(9)} ${ofCopy(change)}: ${said(change)}${isUnordered(change) ? ` (${unorderedWords})` : ''}`,
    ),
    ...(rest === 0 ? [] : [`  ${count(rest, 'more change')}; JSON has all`]),
    ...(report.changes.some(isUnordered) ? [`  ${unorderedNote}`] : []),
  ];
}

/** What a change of the contract weakens, a message each, with where the contract says it. */
export function weakerMessages({ baseRef, changes, fault }: EnforcementReport): readonly {
  readonly message: string;
  readonly place: ContractPlace | null;
}[] {
  if (fault !== null) {
    const message = `the contract at ${escapeTerminal(baseRef)} cannot be read: ${escapeTerminal(fault)}`;
    return [{ message, place: null }];
  }
  return changes
    .filter(({ effect }) => effect === 'weaker')
    .map((change) => ({
      message: `${ofCopy(change)}: ${said(change)}${isUnordered(change) ? ` (${unorderedWords})` : ''}`,
      place: change.place ?? null,
    }));
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
    ...shown.map((change) => {
      const [was, is] = briefChange(change.before, change.after);
      return `| ${effectCell(change)} | ${codeText(ofCopy(change))} | ${codeText(change.word)} | ${cell(was)} | ${cell(is)} |`;
    }),
    ...(rest === 0 ? [] : ['', `${count(rest, 'more change')}.`]),
    ...(changes.some(isUnordered) ? ['', `${capitalized(unorderedNote)}.`] : []),
    '',
  ].join('\n');
}

/** What a change does that `--forbid-weaker` refuses: as a label, in the last line, and in the one above it. */
export function forbiddenWords({ changes, fault }: EnforcementReport): {
  readonly label: string;
  readonly short: string;
  readonly long: string;
} {
  if (fault !== null) {
    return {
      label: 'WHAT WAS ENFORCED IS UNKNOWN',
      short: 'what was enforced is unknown',
      long: `what was enforced is unknown, which --forbid-weaker does not allow: ${wayOut}`,
    };
  }
  const weaker = changes.filter(({ effect }) => effect === 'weaker');
  return weaker.length > 0 && weaker.every(isUnordered)
    ? {
        label: 'LESS MAY BE ENFORCED',
        short: 'what cannot be ordered counts as weaker',
        long: `--forbid-weaker does not allow it: ${wayOut}`,
      }
    : {
        label: 'LESS IS ENFORCED',
        short: 'less is enforced than before',
        long: `less is enforced, which --forbid-weaker does not allow: ${wayOut}`,
      };
}

function isUnordered({ unordered }: EnforcementChange): boolean {
  return unordered === true;
}

function effectCell(change: EnforcementChange): string {
  if (change.effect === 'stricter') return 'stricter';
  return isUnordered(change) ? `**weaker** (${unorderedWords})` : '**weaker**';
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
  return showValue(copyName(artifact, copy));
}

function said({ word, before, after }: EnforcementChange): string {
  const [was, is] = briefChange(before, after);
  if (word === 'artifact' && after === null) {
    return `removed (${was}): what ran for it runs no more, or unchecked`;
  }
  if (word === 'artifact' || word === 'copy') return after === null ? 'removed' : 'added';
  return `${escapeTerminal(word)}: ${was ?? 'none'} → ${is ?? 'none'}`;
}

/** What a word said and says, escaped; long texts are cut around what differs. */
export function briefChange(
  before: string | null,
  after: string | null,
): readonly [was: string | null, is: string | null] {
  const whole = [before, after].map((text) => (text === null ? null : escapeTerminal(text)));
  const [was = null, is = null] = whole;
  const isLong = Math.max(widthOf(was ?? ''), widthOf(is ?? '')) > longest;
  if (!isLong) return [was, is];
  if (before === null || after === null) {
    return [was && clipMiddle(was, longest), is && clipMiddle(is, longest)];
  }
  const runs = changedRuns(before, after);
  const [from, to] = fitBoth(without(runs, 'second'), without(runs, 'first'), 2 * longest).map(
    (side) => side.map(({ text }) => text).join(''),
  );
  return [from ?? null, to ?? null];
}

function cell(text: string | null): string {
  return text === null ? '' : codeText(text);
}
