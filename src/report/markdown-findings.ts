import type { ArtifactReport, Cells, ChangeReport, Finding } from '../model/index.ts';
import {
  baseText,
  changeSums,
  changeWords,
  fieldChanges,
  hiddenUnits,
  readingLines,
  readingNote,
} from './change.ts';
import { keyPairs } from './key-pairs.ts';
import { codeChange, codeText, codeValue } from './markdown-escape.ts';
import { disagreement, linesOf, remarksOf, unitRemarks, valueOf } from './rows.ts';
import { type FindingGroup, standsOnSides } from './select.ts';
import { hasOtherKeys, namedKey } from './text-keys.ts';
import { more, notListed, severityWords } from './wording.ts';

const fieldsListed = 4;

/** The findings shown, as one table; empty without any. */
export function findingTable(groups: readonly FindingGroup[]): string {
  const shown = groups.flatMap((group) => group.shown);
  const hidden = groups.flatMap(({ kind, total, unlisted, shown: { length } }) => [
    ...(total - unlisted > length ? [`${more(total - unlisted - length)} (${kind})`] : []),
    ...(unlisted > 0 ? [`${notListed(unlisted)} (${kind})`] : []),
  ]);
  const table = tableText(['finding', 'key', 'reviewed', 'runtime', 'what'], shown.map(findingRow));
  const rest = hidden.length === 0 ? '' : `${hidden.join(', ')}\n`;
  return [shown.length === 0 ? '' : table, rest].filter((part) => part !== '').join('\n');
}

/** Pairs of keys that are taken for others than they are, as a list. */
export function pairList(artifact: ArtifactReport, limit: number): string {
  const { said, rest } = keyPairs(artifact, limit);
  const pairs = said.map(
    ({ lead, reviewed, verb, runtime }) =>
      `${lead}: ${codeText(reviewed)} (reviewed) ${verb} ${codeText(runtime)} (runtime)`,
  );
  return [...pairs, ...rest.map(([lead, count]) => `${lead}: ${more(count)}`)]
    .map((line) => `- ${line}\n`)
    .join('');
}

/** What a change does to the work: its sums, then its units. */
export function changeTables(
  change: ChangeReport,
  artifact: ArtifactReport,
  limit: number,
): string {
  const units = change.units.slice(0, limit);
  const rest = hiddenUnits(change, limit);
  const reading = readingLines(change);
  const isNamed = hasOtherKeys(units);
  const rows = units.map((unit) => [
    changeWords[unit.change],
    isNamed ? codeText(namedKey(unit.key)) : keyText(unit.key),
    `${unit.rowCount.before} → ${unit.rowCount.after}`,
    [
      fieldsText(
        fieldChanges(unit).map(({ field, values }) => [
          field,
          () => codeChange(...values, unit.rows && 'shown'),
        ]),
      ),
      ...unitRemarks(unit).map(([what, parts]) => `${what} ${codeText(parts.join(' '))}`),
    ]
      .filter((part) => part !== '')
      .join('; '),
  ]);
  return [
    `What this change does to the work, against ${codeText(baseText(change))}:\n`,
    reading.length === 0
      ? ''
      : [...reading.map((line) => codeText(line)), readingNote(change)]
          .map((line) => `- ${line}\n`)
          .join(''),
    tableText(['', 'before → after'], changeSums(change, artifact.reviewed)),
    units.length === 0 ? '' : tableText(['this change', 'key', 'rows', 'what it runs'], rows),
    rest > 0 ? `${more(rest)}\n` : '',
  ]
    .filter((part) => part !== '')
    .join('\n');
}

/** A table without the columns in which no row has anything. */
export function tableText(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const used = heads.map((_, at) => rows.some((row) => !['', '-', undefined].includes(row[at])));
  return [heads, heads.map(() => '---'), ...rows]
    .map((row) => `| ${row.filter((_, at) => used[at]).join(' | ')} |\n`)
    .join('');
}

function findingRow(finding: Finding): readonly string[] {
  const { kind, side, severity, key, fields, reason } = finding;
  const mark = severity === 'fail' ? '' : ` (${severityWords[severity]})`;
  const where = standsOnSides(kind) ? ` ${side}` : '';
  return [
    kind + where + mark,
    key === null ? '' : keyText(key),
    linesOf(finding, 'reviewed'),
    linesOf(finding, 'runtime'),
    [
      reason === null
        ? fieldsText(fields.map((field) => [field, () => disagreementText(finding, field)]))
        : codeText(reason),
      ...remarksOf(finding).map(([what, parts]) => `${what} ${codeText(parts.join(' '))}`),
    ]
      .filter((part) => part !== '')
      .join('; '),
  ];
}

function disagreementText(finding: Finding, field: string): string {
  const { first, second } = disagreement(finding, field);
  if (first === null) return '';
  if (second === null) return `${codeValue(valueOf(first, field))} and other values`;
  return codeChange(valueOf(first, field), valueOf(second, field));
}

function fieldsText(fields: readonly (readonly [name: string, show: () => string])[]): string {
  const listed = fields
    .slice(0, fieldsListed)
    .map(([name, show]) => `${codeText(name)}: ${show()}`);
  const rest = fields.length - listed.length;
  return [...listed, ...(rest > 0 ? [more(rest)] : [])].join(', ');
}

function keyText(key: Cells): string {
  return key.map(([, value]) => codeValue(value)).join(' ');
}
