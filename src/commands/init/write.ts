import { isMap, parseDocument, type Document } from 'yaml';
import { KeydriftError } from '../../model/index.ts';
import { artifactText, contractText, type Proposal } from './proposal.ts';

/**
 * A contract's text with proposals added to it: everything that stands in it stays as it is, comments
 * too. `text` is null where there is no contract yet. Throws `USAGE` where it cannot be added to.
 */
export function addedTo(text: string | null, proposals: readonly Proposal[], file: string): string {
  if (text === null || text.trim() === '') return contractText(proposals);
  const document = parseDocument(text);
  if (document.errors.length > 0 || file.endsWith('.json')) {
    throw notAdded(file, file.endsWith('.json') ? 'it is JSON' : 'it cannot be read as YAML');
  }
  const taken = artifactsOf(document);
  const known = proposals.find(({ name }) => Object.hasOwn(taken, name));
  if (known !== undefined) {
    throw new KeydriftError('USAGE', `${file} has an artifact ${known.name} already`, {
      hint: 'Give the new one another name: --name NAME.',
    });
  }
  const added = insert(text, document, proposals, file);
  requireKept(taken, added, proposals, file);
  return added;
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
