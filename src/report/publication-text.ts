import {
  commitRevision,
  copyName,
  findingKinds,
  objectRevision,
  type Outcome,
  type PlannedCopy,
  type PlannedObject,
  type PublishedCopy,
} from '../model/index.ts';
import { commandLines } from './command-lines.ts';
import { errorLines } from './error.ts';
import { escapeTerminal } from './escape.ts';
import { changeLines, changeSentence } from './publication-change.ts';
import type { PublicationOptions, PublishDocument } from './reporter.ts';
import { actionWords, lastLine, reasonsOf, wordOf } from './publication-words.ts';
import { claimSentence, describeRevision } from './revision.ts';
import { paintLead } from './style.ts';
import { textContext, type TextContext } from './text-context.ts';
import { keepTogether, padEnd, widthOf, wrap } from './width.ts';
import { count, more, stateWords, withCode } from './wording.ts';

const label = 11;

/** What leaves the object as it was. */
const kept: ReadonlySet<Outcome> = new Set(['refused', 'declined', 'not-attempted']);

/** Copies whose lines of the overview, and details, are told; documents have all of them. */
const mostTold = 30;

/**
 * A plan, or what came of it, for a person: of several an overview, then each with something to say, then
 * one line with the exit code.
 */
export function* publicationText(
  document: PublishDocument,
  { next, shown, ...how }: PublicationOptions,
): Iterable<string> {
  const context = textContext({ ...how, quiet: false });
  const { publications } = document;
  if (shown === 'answer') {
    yield* endLines(document, next, context);
    return;
  }
  const several = publications.length > 1;
  const ranked = publications.toSorted((a, b) => rankOf(a) - rankOf(b));
  const told = several ? ranked.filter((copy) => rankOf(copy) < wellRank) : ranked;
  if (several) {
    const plain = ranked.length - told.length;
    const lines = [
      ...overviewLines(told.slice(0, mostTold), context),
      ...(told.length > mostTold ? [more(told.length - mostTold)] : []),
      ...(plain > 0 ? [`${plain} ${actionWords.none[0]}`] : []),
    ];
    yield `${[...lines, ''].join('\n')}\n`;
  }
  for (const copy of told.slice(0, mostTold)) {
    yield `${[...copyLines(copy, context), ''].join('\n')}\n`;
  }
  if (told.length > mostTold) {
    yield `${more(told.length - mostTold)} with details: --format json tells all\n\n`;
  }
  if (document.error !== null) {
    yield `${errorLines(document.error, context.width, context.paint).join('\n')}\n\n`;
  }
  if (shown === 'result') yield* endLines(document, next, context);
}

function* endLines(
  document: PublishDocument,
  next: string | null,
  context: TextContext,
): Iterable<string> {
  if (next !== null) yield `${commandLines('next: ', next, context).join('\n')}\n`;
  yield `${context.paint('bold', lastLine(document))}\n`;
}

/** Of what is up to date, with nothing else to say. */
const wellRank = 2;

/** What keeps a plan from being applied comes first. */
function rankOf(copy: PlannedCopy | PublishedCopy): number {
  const { refusals, error, action, warnings } = copy;
  if (refusals.length > 0 || error !== null) return 0;
  return action === 'none' && warnings.length === 0 ? wellRank : 1;
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
    const { change, refusals, error } = copy;
    const words =
      error !== null || refusals.length > 0
        ? [...refusals.map(({ code }) => code), ...(error === null ? [] : [error.code])]
        : [...reasonsOf(copy), ...(change === null ? [] : [changeSentence(change)])];
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
  const endpoint = target.endpoint === null ? '' : ` at ${escapeTerminal(target.endpoint)}`;
  const published = 'outcome' in copy ? copy : null;
  const { change } = copy;
  const isKept = published !== null && kept.has(published.outcome);
  return [
    ...block('target', [escapeTerminal(target.location) + endpoint]),
    ...block(published === null || isKept ? 'there now' : 'was there', nowLines(copy)),
    ...block('reviewed', reviewedLines(copy)),
    ...(isKept ? [] : block('written as', writeLines(copy))),
    ...(change === null ? [] : block(isKept ? 'would do' : 'changes', [changeSentence(change)])),
    ...(change === null || published !== null ? [] : changeLines(change, inner)),
    ...copy.refusals.flatMap(({ code, message, hint }) => [
      ...block('refused', [`${code}: ${escapeTerminal(message)}`]),
      ...block('', [`hint: ${escapeTerminal(hint)}`]),
    ]),
    ...copy.warnings.flatMap(({ code, message }) =>
      block('warning', [escapeTerminal(withCode(message, code))]),
    ),
    ...(copy.error === null ? [] : errorLines(copy.error, inner.width, context.paint)),
    ...(published === null ? [] : block('written', writtenLines(published))),
    ...(published === null || published.now === null
      ? []
      : block('there now', objectLines(published.now, stateText(published.now.state, null)))),
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

function nowLines({ runtime, state, counts, order }: PlannedCopy): readonly string[] {
  if (runtime === null) return state === 'missing' ? ['no object'] : [];
  const lines = objectLines(runtime, stateText(state, counts));
  return order?.standing === 'unreviewed' ? [...lines, 'no commit at hand has it'] : lines;
}

function stateText(state: PlannedCopy['state'], counts: PlannedCopy['counts'] | null): string {
  const found = findingKinds.flatMap((kind) =>
    counts === null || counts[kind] === 0 ? [] : [`${counts[kind]} ${kind}`],
  );
  const word = state === null ? 'not compared' : stateWords[state];
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
    escapeTerminal(reviewed.location).replace(/^git:([0-9a-f]{12})[0-9a-f]{28,}:/, 'git:$1:'),
    describeRevision(commitRevision({ commit, committedAt, blob })).replace(
      commit.slice(0, 7),
      commit.slice(0, 12),
    ) + `, blob ${blob.slice(0, 12)}`,
    sizeText(bytes, rows, units),
    `sha256 ${sha256.slice(0, 12)}…, digest ${digest.slice(0, 12)}…`,
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

function writtenLines({ written }: PublishedCopy): readonly string[] {
  if (written === null) return [];
  return [`${describeRevision(objectRevision(written))}, read back and verified`];
}
