import {
  clipTo,
  commitRevision,
  copyName,
  findingKinds,
  objectRevision,
  type PlannedCopy,
  type PlannedObject,
  type PublishedCopy,
} from '../model/index.ts';
import { count } from '../model/names.ts';
import { commandLines, lineChunks } from './command-lines.ts';
import { errorLines } from './error.ts';
import { escapeTerminal } from './escape.ts';
import { changeLines, changeOf, hasOtherColumns } from './publication-change.ts';
import {
  actionWords,
  headWords,
  lastLine,
  placeOf,
  reasonsOf,
  wordOf,
} from './publication-words.ts';
import type { PublicationOptions, PublishDocument } from './reporter.ts';
import { claimSentence, describeRevision } from './revision.ts';
import { paintLead } from './style.ts';
import { textContext, type TextContext } from './text-context.ts';
import { few, screen } from './text-overview.ts';
import { keepTogether, padEnd, widthOf, wrap } from './width.ts';
import { countKind, leftOut, more, stateWords, withCode } from './wording.ts';

const label = 11;

/** Whether a copy that should have been written was not, for certain. */
function isUnwritten({ outcome, wrote }: PublishedCopy): boolean {
  return wrote === 'no' && outcome !== 'published' && outcome !== 'up-to-date';
}

/**
 * A plan, or what came of it, for a person: of several an overview, then each with something to say, then
 * one line with the exit code; of very many what fits on a screen.
 */
export function* publicationText(
  document: PublishDocument,
  options: PublicationOptions,
): Iterable<string> {
  const { next, shown, ...how } = options;
  const context = textContext({ ...how, quiet: false });
  const end = endLines(document, next, context);
  const { publications, error } = document;
  if (shown === 'answer') {
    yield* lineChunks(end);
    return;
  }
  const several = publications.length > 1;
  const ranked = publications.toSorted((a, b) => rankOf(a) - rankOf(b));
  const told = several ? ranked.filter((copy) => rankOf(copy) < wellRank) : ranked;
  const last = [
    ...(error === null ? [] : [...errorLines(error, context), '']),
    ...(shown === 'result' ? end : []),
  ];
  const plain = ranked.length - told.length;
  const most = publications.length > few && context.many === 'one-screen' ? screen : null;
  if (several) {
    const overview = overviewWithin(told, context, most === null ? null : most / 2);
    yield* lineChunks([...overview, ...(plain > 0 ? [`${plain} ${actionWords.none[0]}`] : []), '']);
    if (most !== null) {
      const room = most - overview.length - last.length - 2;
      yield* lineChunks([...detailsWithin(told, document, context, room), ...last]);
      return;
    }
  }
  for (const copy of told) yield* lineChunks([...copyLines(copy, context), '']);
  yield* lineChunks(last);
}

/** The overview, of very many as much as so many lines hold. */
function overviewWithin(
  told: readonly (PlannedCopy | PublishedCopy)[],
  context: TextContext,
  most: number | null,
): readonly string[] {
  if (most === null) return overviewLines(told, context);
  let shown = told.slice(0, most);
  let lines = overviewLines(shown, context);
  while (lines.length > most && shown.length > 1) {
    shown = shown.slice(0, -1);
    lines = overviewLines(shown, context);
  }
  const rest = told.length - shown.length;
  return rest > 0 ? [...lines, more(rest)] : lines;
}

/** Units of each copy in little room, and lines that say what is left out. */
const fewUnits = 3;
const mostLeftLines = 4;

/** Details as they fit, whose are left out, and what tells them. */
function detailsWithin(
  told: readonly (PlannedCopy | PublishedCopy)[],
  document: PublishDocument,
  context: TextContext,
  room: number,
): readonly string[] {
  const fewer = { ...context, limit: Math.min(context.limit, fewUnits) };
  const lines: string[] = [];
  let shown = 0;
  for (const copy of told) {
    const own = [...copyLines(copy, fewer), ''];
    if (lines.length + own.length + mostLeftLines > room) break;
    for (const line of own) lines.push(line);
    shown += 1;
  }
  const left = told.length - shown;
  if (left === 0) return lines;
  const { limit, width } = context;
  const isPlan = document.schema === 'keydrift.plan/1';
  const how = isPlan
    ? `With --limit ${limit} the same command tells them, up to ${limit} units each.`
    : `--limit ${limit} tells them where a publication begins; -o json:FILE keeps all.`;
  return [
    ...lines,
    ...[leftOut(left, told.length), how].flatMap((line) => wrap(line, width, 2)),
    '',
  ];
}

function endLines(
  document: PublishDocument,
  next: string | null,
  context: TextContext,
): readonly string[] {
  return [
    ...(next === null ? [] : commandLines('next: ', next, { ...context, words: 'cut' })),
    context.paint('bold', lastLine(document)),
  ];
}

/** Of what is up to date, with nothing else to say. */
const wellRank = 3;

/** What keeps a plan from being applied comes first, then what was not written, then what is. */
function rankOf(copy: PlannedCopy | PublishedCopy): number {
  const { refusals, error, action, warnings } = copy;
  if (refusals.length > 0 || error !== null) return 0;
  if (action === 'none' && warnings.length === 0) return wellRank;
  return 'outcome' in copy && copy.outcome !== 'published' ? 1 : 2;
}

/** One line for each copy: what is done, or was, why, and what that changes. */
function overviewLines(
  copies: readonly (PlannedCopy | PublishedCopy)[],
  { width, paint }: TextContext,
): readonly string[] {
  const labels = Math.max(...copies.map((copy) => wordOf(copy)[0].length));
  const names = copies.map(({ name, copy }) => escapeTerminal(copyName(name, copy)));
  const column = Math.max(...names.map(widthOf).filter((one) => one <= widestName), 0);
  return copies.flatMap((copy, at) => {
    const [word, style] = wordOf(copy);
    const { refusals, error } = copy;
    const change = changeOf(copy);
    const words =
      error !== null || refusals.length > 0
        ? [...refusals.map(({ code }) => code), ...(error === null ? [] : [error.code])]
        : [...reasonsOf(copy), ...(change === null ? [] : [change])];
    const start = `${word.padEnd(labels)}  ${padEnd(names[at] ?? '', column)}  `;
    const lines = wrap(keepTogether(start) + words.join('; '), width, 2);
    return paintLead(lines, word, paint(style, word));
  });
}

/** Columns of a name that others are put in line with. */
const widestName = 24;

function copyLines(copy: PlannedCopy | PublishedCopy, context: TextContext): readonly string[] {
  const [word, style] = wordOf(copy);
  const name = escapeTerminal(copyName(copy.name, copy.copy));
  const why = reasonsOf(copy).join('; ');
  const lead = `${name}: ${word}`;
  const head = why === '' || copy.action === 'refuse' ? lead : `${lead} (${why})`;
  return [
    ...paintLead(
      wrap(head, context.width, 2),
      lead,
      `${context.paint('bold', name)}: ${context.paint(style, word)}`,
    ),
    ...facts(copy, context).map((line) => `  ${line}`),
  ];
}

function facts(copy: PlannedCopy | PublishedCopy, context: TextContext): readonly string[] {
  const inner = { ...context, width: context.width - 2 };
  const block = (name: string, lines: readonly string[]): readonly string[] =>
    lines.flatMap((line, at) =>
      wrap((at === 0 ? name : '').padEnd(label) + line, inner.width, label),
    );
  const { target } = copy;
  const published = 'outcome' in copy ? copy : null;
  const { change } = copy;
  const does = changeOf(copy);
  const isKept = published !== null && isUnwritten(published);
  const isFirst = published === null || (isKept && published.now === null);
  return [
    ...block('target', [escapeTerminal(placeOf(target))]),
    ...block(isFirst ? 'there now' : 'was there', nowLines(copy)),
    ...block('reviewed', reviewedLines(copy)),
    ...(isKept ? [] : block('written as', writeLines(copy))),
    ...(does === null ? [] : block(isKept ? 'would do' : 'changes', [does])),
    ...(change === null || published !== null ? [] : changeLines(change, inner)),
    ...copy.refusals.flatMap(({ code, message, hint }) => [
      ...block('refused', [`${code}: ${escapeTerminal(message)}`]),
      ...block('', [`hint: ${escapeTerminal(hint)}`]),
    ]),
    ...copy.warnings.flatMap(({ code, message }) =>
      block('warning', [escapeTerminal(withCode(message, code))]),
    ),
    ...(copy.error === null ? [] : errorLines(copy.error, inner)),
    ...(published === null ? [] : block('written', writtenLines(published))),
    ...(published === null || published.now === null
      ? []
      : block('there now', objectLines(published.now, stateText(published.now)))),
    ...(copy.owner === null || isWell(copy) ? [] : block('owner', [escapeTerminal(copy.owner)])),
    ...(copy.runbook === null || isWell(copy)
      ? []
      : block('runbook', [escapeTerminal(copy.runbook)])),
  ];
}

function isWell(copy: PlannedCopy | PublishedCopy): boolean {
  if ('outcome' in copy) return copy.outcome === 'published' || copy.outcome === 'up-to-date';
  return copy.action !== 'refuse' && copy.action !== 'unknown';
}

function nowLines(copy: PlannedCopy): readonly string[] {
  const { runtime, state, order } = copy;
  if (runtime === null) return state === 'missing' ? ['no object'] : [];
  const lines = objectLines(runtime, stateText(copy));
  return order?.standing === 'unreviewed' ? [...lines, 'no commit at hand has it'] : lines;
}

function stateText({
  state,
  counts,
  warnings = [],
}: Pick<PlannedCopy, 'state'> & Partial<PlannedCopy>): string {
  const found = findingKinds.flatMap((kind) =>
    counts === undefined || counts[kind] === 0 ? [] : [countKind(counts[kind], kind)],
  );
  const word =
    state === null
      ? 'not compared'
      : hasOtherColumns({ state, warnings })
        ? 'other columns'
        : stateWords[state];
  return found.length === 0 ? word : `${word}: ${found.join(', ')}`;
}

function objectLines(object: PlannedObject, state: string): readonly string[] {
  const { rows, units, claim } = object;
  const size = rows === null || units === null ? '' : `, ${sizeText(object.bytes, rows, units)}`;
  return [
    describeRevision(objectRevision(object)),
    state + size,
    ...(claim === null ? [] : [claimSentence(claim)]),
    ...(object.overwritten === 'lost' ? ['no versions are kept: overwriting it is final'] : []),
  ];
}

function sizeText(bytes: number, rows: number, units: number): string {
  return `${count(bytes, 'byte')}, ${count(rows, 'row')}, ${count(units, 'unit')}`;
}

function reviewedLines({ reviewed }: PlannedCopy): readonly string[] {
  if (reviewed === null) return [];
  const { commit, committedAt, blob, bytes, rows, units, sha256, digest } = reviewed;
  return [
    // Of a saved plan the ref is its whole commit, which the next line tells.
    escapeTerminal(reviewed.location).replace(/^git:([0-9a-f]{12})[0-9a-f]{28,}:/, 'git:$1:') +
      headWords(reviewed),
    'the ref is at ' +
      describeRevision(commitRevision({ commit, committedAt, blob })).replace(
        commit.slice(0, 7),
        commit.slice(0, 12),
      ) +
      `, blob ${blob.slice(0, 12)}`,
    sizeText(bytes, rows, units),
    `sha256 ${clipTo(sha256, 12)}, digest ${clipTo(digest, 12)}`,
  ];
}

function writeLines({ write, action }: PlannedCopy): readonly string[] {
  if (write === null || action === 'none') return [];
  const said = [
    write.contentType,
    named('Cache-Control', write.cacheControl),
    named('Content-Disposition', write.contentDisposition),
    named('Content-Encoding', write.contentEncoding),
    named('Content-Language', write.contentLanguage),
    named('Expires', write.expires),
    named('redirect to', write.websiteRedirect),
    write.storageClass,
    named('encryption', write.sse),
    named('KMS key', write.kmsKeyId),
    named('ACL', write.acl),
    write.tags.length === 0 ? null : count(write.tags.length, 'tag'),
  ].flatMap((text) => (text === null ? [] : [escapeTerminal(text)]));
  const conditions =
    write.condition === null
      ? 'UNCONDITIONAL: a write by somebody else at the same time would be lost'
      : 'ifMatch' in write.condition
        ? `only if its ETag is still ${shortEtag(write.condition.ifMatch)}`
        : 'only if there is still no object';
  return [...(said.length === 0 ? [] : [said.join(', ')]), conditions];
}

/** As short as other digests; JSON has all of it. */
function shortEtag(etag: string): string {
  return etag.length > 12 ? `${escapeTerminal(etag.slice(0, 12))}…` : escapeTerminal(etag);
}

function named(name: string, value: string | null): string | null {
  return value === null ? null : `${name} ${value}`;
}

/** What is known of a write that failed. */
const unreadLine: Readonly<Record<PublishedCopy['wrote'], string>> = {
  no: 'nothing was written',
  unknown: 'whether it was written is not known',
  yes: 'it was, as the store answered; what is there now is not verified',
};

function writtenLines({ written, outcome, wrote }: PublishedCopy): readonly string[] {
  if (written === null) return outcome === 'failed' ? [unreadLine[wrote]] : [];
  return [`${describeRevision(objectRevision(written))}, read back and verified`];
}
