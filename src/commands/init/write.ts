import { dirname, relative, resolve } from 'node:path';
import { isMap, isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import { KeydriftError, quote } from '../../model/index.ts';
import { entriesOf, namesFile, namesPath, reviewedOf, type ContractPlace } from './places.ts';
import { artifactText, contractText, type Proposal } from './proposal.ts';

/**
 * A contract's text with proposals added to it: everything that stands in it stays as it is, comments
 * too. `file` is how it is called; `again`: whether a second artifact of one file is meant. Throws
 * `USAGE` where it cannot be added to.
 */
export function addedTo(
  place: ContractPlace,
  proposals: readonly Proposal[],
  file: string,
  again: 'meant' | 'refused',
): string {
  const { text } = place;
  requireNotIncluded(place, proposals, again);
  if (text === null || text.trim() === '') return contractText(proposals);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  if (document.errors.length > 0 || file.endsWith('.json')) {
    throw notAdded(file, file.endsWith('.json') ? 'it is JSON' : 'it cannot be read as YAML');
  }
  const taken = artifactsOf(document);
  const known = proposals.find(({ name }) => Object.hasOwn(taken, name));
  if (known !== undefined) {
    throw new KeydriftError('USAGE', `${file} has an artifact ${known.name} already`, {
      hint: 'Change that one, or give the new one another name: --name NAME.',
    });
  }
  if (again === 'refused') requireNew(document, proposals, file, lines);
  const added = insert(text, document, proposals, file);
  requireKept(taken, added, proposals, file);
  return added;
}

/** No contract that is included has an artifact of such a name or, unless it is meant, of such a file. */
function requireNotIncluded(
  { path, included }: ContractPlace,
  proposals: readonly Proposal[],
  again: 'meant' | 'refused',
): void {
  const entries = included.flatMap(entriesOf);
  const from = dirname(path);
  for (const { name, words } of proposals) {
    const wanted = proposedFile(words);
    const at = wanted === null ? null : resolve(from, wanted);
    const taken = entries.find((entry) => entry.name === name);
    const same = again === 'refused' && at !== null && entries.find((one) => namesFile(one, at));
    const found = taken ?? (same === false ? undefined : same);
    if (found === undefined) continue;
    const contract = relative(from, found.contract);
    const what =
      taken === undefined
        ? `an entry for ${quote(wanted ?? '')}: ${found.name}`
        : `an artifact ${name}`;
    throw new KeydriftError(
      'USAGE',
      `${contract}, which is included, has ${what} already; nothing was added`,
      {
        hint: 'Change that one; if another one is meant, give it a name of its own: --name NAME.',
      },
    );
  }
}

/** Where the reviewed copy of a proposal is, from the contract's folder; null: it names none. */
export function proposedFile(words: Proposal['words']): string | null {
  return reviewedOf(Object.fromEntries(words.map(({ word, value }) => [word, value])));
}

/** A file has one entry, unless somebody says by a name that another is meant. */
function requireNew(
  document: Document,
  proposals: readonly Proposal[],
  file: string,
  lines: LineCounter,
): void {
  const block = document.get('artifacts', true);
  for (const { words } of proposals) {
    const wanted = proposedFile(words);
    const same = Object.entries(artifactsOf(document)).find(([, said]) => {
      const reviewed = reviewedOf(said);
      return wanted !== null && reviewed !== null && namesPath(reviewed, wanted);
    });
    if (same === undefined || wanted === null) continue;
    const key = isMap(block)
      ? block.items.find((item) => keyText(item.key) === same[0])?.key
      : null;
    const at = isScalar(key) ? ` on line ${lines.linePos(key.range?.[0] ?? 0).line}` : '';
    throw new KeydriftError(
      'USAGE',
      `${file} has an entry for ${quote(wanted)} already: ${same[0]}${at}; nothing was added`,
      { hint: 'Change that one; if a second one of the same file is meant, name it: --name NAME.' },
    );
  }
}

function keyText(key: unknown): string {
  return isScalar(key) ? String(key.value) : '';
}

function artifactsOf(document: Document): Readonly<Record<string, unknown>> {
  const data: unknown = document.toJS();
  const artifacts: unknown = Reflect.get(Object(data), 'artifacts');
  return Object.fromEntries(Object.entries(Object(artifacts)));
}

function insert(
  text: string,
  document: Document,
  proposals: readonly Proposal[],
  file: string,
): string {
  const end = text.includes('\r\n') ? '\r\n' : '\n';
  const lines = text.replace(/\r?\n$/, '').split(/\r?\n/);
  const at = lines.findIndex((line) => /^artifacts\s*:/.test(line));
  const value = document.get('artifacts', true);
  if (at === -1) {
    if (document.has('artifacts')) throw notAdded(file, '`artifacts` is not a block of lines');
    return [...lines, ...contractText(proposals).split('\n').slice(1)].join(end);
  }
  const indent = isMap(value) && value.items.length > 0 ? indentOf(lines.slice(at + 1)) : '  ';
  const isEmpty = !isMap(value) || value.items.length === 0;
  if (indent === null) throw notAdded(file, '`artifacts` is not a block of lines');
  // An empty map in braces becomes a block.
  if (isEmpty) lines[at] = lines[at]!.replace(/^(artifacts\s*:)\s*(?:\{\s*\}|null|~)?/, '$1');
  const next = lines.findIndex((line, index) => index > at && /^[^\s#]/.test(line));
  let last = next === -1 ? lines.length : next;
  // Blank lines and comments that stand at the margin belong to what comes after.
  while (last > at + 1 && /^(?:\s*|#.*)$/.test(lines[last - 1]!)) last -= 1;
  const blocks = proposals.flatMap((one) => artifactText(one, indent).trimEnd().split('\n'));
  return [...lines.slice(0, last), ...blocks, ...lines.slice(last), ''].join(end);
}

/** How far the artifacts of a block are indented; null: it is no block. */
function indentOf(lines: readonly string[]): string | null {
  const first = lines.find((line) => line.trim() !== '' && !line.trim().startsWith('#'));
  const [, indent = ''] = /^( +)\S/.exec(first ?? '') ?? [];
  return indent === '' ? null : indent;
}

/** What stood there says what it said, and what was added says what was proposed. */
function requireKept(
  before: Readonly<Record<string, unknown>>,
  text: string,
  proposals: readonly Proposal[],
  file: string,
): void {
  const document = parseDocument(text);
  const proposed = artifactsOf(parseDocument(contractText(proposals)));
  const after = document.errors.length === 0 ? artifactsOf(document) : {};
  if (JSON.stringify(after) === JSON.stringify({ ...before, ...proposed })) return;
  throw notAdded(file, 'it is written in a way that nothing can be added to');
}

function notAdded(file: string, why: string): KeydriftError {
  return new KeydriftError('USAGE', `${file}: ${why}: nothing was added to it`, {
    hint: 'Leave out --write, and paste what is printed.',
  });
}
