import type { AcceptProposal, ArtifactReport, Cells, RefusedProposal } from '../../model/index.ts';
import { count } from '../../model/names.ts';
import { escapeCharacter, escapeTerminal, escapeUnsafe, showCell } from '../escape.ts';
import type { Reporter } from '../reporter.ts';
import { wrap } from '../width.ts';
import { more } from '../wording.ts';

/**
 * What `accept` could say of what is found, as YAML in the shape of the contract: the `accept` of
 * each artifact is ready to be pasted under it, in place of the one that it has. New entries have
 * no reason yet, which the contract refuses. What can never be accepted stands in comments.
 */
export const proposal: Reporter = function* proposal({ artifacts }, { limit }) {
  const told = artifacts.filter((artifact) => !isSilent(artifact));
  const silent = artifacts.length - told.length;
  const isAny = told.some(({ acceptance }) => (acceptance?.proposals.length ?? 0) > 0);
  yield isAny
    ? note(
        '',
        'What is found now, as `accept` would pin it. Give every entry a reason, and think about its last day. It covers these rows and values and no others.',
      )
    : note('', 'There is nothing to accept: nothing is found that an entry could cover.');
  if (isAny && silent > 0) yield note('', `Nothing to accept in ${count(silent, 'other')}.`);
  yield told.length === 0 ? 'artifacts: {}\n' : 'artifacts:\n';
  for (const name of new Set(told.map((artifact) => artifact.name))) {
    const copies = told.filter((artifact) => artifact.name === name);
    yield `  ${plainName(name)}:\n`;
    for (const copy of copies) yield* remarks(copy, limit);
    const entries = new Set(
      copies.flatMap(({ acceptance }) => (acceptance?.proposals ?? []).map(entryText)),
    );
    const isUnknown = copies.some(
      ({ acceptance }) => acceptance === undefined || acceptance.hidden === true,
    );
    if (entries.size > 0) {
      yield '    accept:\n';
      yield* entries;
    } else if (isUnknown) {
      yield note(inside, 'what could be accepted is not known here: leave `accept` as it is');
      yield '    {}\n';
    } else {
      yield note(inside, 'nothing to accept: of this list no entry is needed');
      yield '    accept: []\n';
    }
  }
};

/** Whether there is nothing to say of a copy: it was compared, and no entry is wanted, refused or idle. */
function isSilent({ acceptance, pending }: ArtifactReport): boolean {
  if (acceptance === undefined || pending === true) return false;
  const { proposals, refused, unused } = acceptance;
  return proposals.length === 0 && refused.length === 0 && unused.length === 0;
}

function entryText({ key, kinds, rows, variants, until, reason }: AcceptProposal): string {
  const [first = '', ...others] = variants.map((variant) => `"${variant}"`);
  return [
    `      - key: {${key.map(([column, value]) => `${quoted(column)}: ${quoted(value ?? '')}`).join(', ')}}`,
    `        kinds: [${kinds.join(', ')}]`,
    `        rows: ${rows}`,
    `        variant: ${others.length === 0 ? first : `[${[first, ...others].join(', ')}]`}`,
    `        until: ${until}`,
    `        reason: ${quoted(reason)}${reason === '' ? ' # why may this stay?' : ''}`,
    '',
  ].join('\n');
}

/** What no entry can cover, and why, in comments. */
function* remarks(artifact: ArtifactReport, limit: number): Iterable<string> {
  const { acceptance, error } = artifact;
  const name = artifact.copy === null ? '' : `${escapeTerminal(artifact.copy)}: `;
  if (acceptance === undefined) {
    const why = error === null ? 'it was not compared' : `${error.code}, ${error.message}`;
    yield comment(`${name}nothing can be accepted: ${why}`);
    return;
  }
  for (const refused of acceptance.refused.slice(0, limit)) yield comment(name + refusal(refused));
  const rest = acceptance.refused.length - limit;
  if (rest > 0) yield comment(`${name}${more(rest)} that cannot be accepted`);
}

function refusal({ finding, key, why }: RefusedProposal): string {
  return `${finding}${key === null ? '' : ` ${keyText(key)}`} cannot be accepted: ${why}`;
}

function keyText(key: Cells): string {
  return key.map(([column, value]) => `${showCell(column)}=${showCell(value)}`).join(' ');
}

const inside = '    ';
const width = 80;

function comment(text: string): string {
  return note(inside, escapeTerminal(text));
}

/** Words in lines of a comment. */
function note(indent: string, text: string): string {
  const lines = wrap(text, width - indent.length - 2);
  return lines.map((line) => `${indent}# ${line}\n`).join('');
}

/** Artifact names need no quotes in most cases; `true` and `1.0` do. */
function plainName(name: string): string {
  return /^[A-Za-z][A-Za-z0-9_.-]*$/.test(name) && !/^(true|false|null)$/i.test(name)
    ? name
    : quoted(name);
}

/** Text in YAML's double quotes as the contract reads it back: `${` would start a variable. */
function quoted(text: string): string {
  const escaped = text.replace(/[\\"]/g, '\\$&').replace(/\$\{/g, () => '$${');
  return `"${escapeUnsafe(escaped, yamlEscape)}"`;
}

/** YAML knows `\xNN`, `\uNNNN` and `\UNNNNNNNN`. */
function yamlEscape(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : escapeCharacter(character);
}
