import {
  copyName,
  objectRevision,
  type PlannedChange,
  type PlannedCopy,
  type PublishedCopy,
} from '../model/index.ts';
import { errorLines } from './error.ts';
import { codeBlock, codeChange, codeText, codeValue } from './markdown-escape.ts';
import { blockWidth } from './markdown-artifact.ts';
import { mostCharacters, takeRoom } from './markdown.ts';
import { tableText } from './markdown-findings.ts';
import {
  cellOf,
  changeOf,
  changeSentence,
  fairShare,
  hiddenOf,
  plannedVariants,
  respelledText,
  shownFields,
} from './publication-change.ts';
import { lastLine, reasonsOf, wordOf } from './publication-words.ts';
import type { PublicationOptions, PublishDocument } from './reporter.ts';
import { describeRevision } from './revision.ts';
import { plain } from './style.ts';
import { more, withCode } from './wording.ts';

const fieldsListed = 6;

/** A plan, or what came of it, for a pull request: a table of the copies, then each of them. */
export function* publicationMarkdown(
  document: PublishDocument,
  { limit, next }: PublicationOptions,
): Iterable<string> {
  const { schema, publications, error } = document;
  const end = [
    ...(next === null ? [] : [`\n${codeBlock([next])}`]),
    `\n${lastLine(document)}\n`,
  ].join('');
  const start = [
    `## keydrift publish${schema === 'keydrift.plan/1' ? ': plan' : ''}\n\n`,
    error === null ? '' : codeBlock(errorLines(error, { width: blockWidth, paint: plain })),
  ].join('');
  yield start;
  const take = takeRoom(mostCharacters - start.length - end.length);
  const rows = publications.map(overviewRow);
  const overview = tableText(['copy', 'what', 'why', 'changes'], rows);
  yield rows.length === 0 ? '' : (take(overview) ?? `${rows.length} copies\n`);
  // What keeps a plan from being applied is read first.
  const ranked = [...publications].sort((a, b) => rank(a) - rank(b));
  let left = 0;
  for (const copy of ranked) {
    const details = detailsOf(copy, limit);
    const text = take(details) ?? take(detailsOf(copy, 0));
    if (text === null) left += 1;
    else yield text;
  }
  if (left > 0) yield `\nThe details of ${left} more are left out here: JSON has all.\n`;
  yield end;
}

function rank({ refusals, error }: PlannedCopy): number {
  return refusals.length > 0 || error !== null ? 0 : 1;
}

function overviewRow(copy: PlannedCopy | PublishedCopy): readonly string[] {
  const [word] = wordOf(copy);
  return [
    codeText(copyName(copy.name, copy.copy)),
    word,
    reasonsOf(copy).join('; '),
    changeOf(copy) ?? '',
  ];
}

function detailsOf(copy: PlannedCopy | PublishedCopy, limit: number): string {
  if (copy.action === 'none') return '';
  const { target, reviewed, runtime, refusals, warnings, error, change } = copy;
  const endpoint = target.endpoint === null ? '' : ` at ${codeText(target.endpoint)}`;
  const facts = [
    `target: ${codeText(target.location)}${endpoint}`,
    ...(runtime === null
      ? []
      : [`there now: ${codeText(describeRevision(objectRevision(runtime)))}`]),
    ...(reviewed === null
      ? []
      : [
          `to be written: ${codeText(reviewed.path)} of commit ${codeText(reviewed.commit.slice(0, 12))}, sha256 ${codeText(reviewed.sha256)}`,
        ]),
    ...refusals.flatMap(({ code, message, hint }) => [
      `**refused** ${code}: ${codeText(message)}`,
      `hint: ${codeText(hint)}`,
    ]),
    ...warnings.map(({ code, message }) => `warning: ${codeText(withCode(message, code))}`),
  ];
  return [
    `\n### ${codeText(copyName(copy.name, copy.copy))}\n\n`,
    facts.map((fact) => `- ${fact}\n`).join(''),
    error === null ? '' : `\n${codeBlock(errorLines(error, { width: blockWidth, paint: plain }))}`,
    change === null ? '' : unitTable(change, limit),
  ].join('');
}

function unitTable(change: PlannedChange, limit: number): string {
  const rows = fairShare(change.units, limit).map((unit) => {
    const fields = shownFields(unit);
    const { before, after } = unit;
    const told = fields.slice(0, fieldsListed).map((field) => {
      const variants = plannedVariants(unit, field);
      if (variants !== null) return `${codeText(field)}: ${codeText(variants)}`;
      const values = [cellOf(before, field), cellOf(after, field)] as const;
      const value =
        before === null || after === null
          ? codeValue(before === null ? values[1] : values[0])
          : codeChange(...values);
      return `${codeText(field)}: ${value}`;
    });
    const rest = fields.length - told.length;
    const respelled = respelledText(unit);
    return [
      unit.change,
      Object.values(unit.key).map(codeValue).join(' '),
      `${unit.rowCount.before} → ${unit.rowCount.after}`,
      [
        ...told,
        ...(rest > 0 ? [more(rest)] : []),
        ...(respelled === null ? [] : [codeText(respelled)]),
      ].join(', '),
    ];
  });
  const rest = hiddenOf(change, limit);
  return [
    `\nWhat it does to the work: ${changeSentence(change)}\n`,
    rows.length === 0 ? '' : `\n${tableText(['change', 'key', 'rows', 'values'], rows)}`,
    rest > 0 ? `\n${more(rest)}\n` : '',
  ].join('');
}
