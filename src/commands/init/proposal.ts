import { stringify } from 'yaml';
import { escapeTerminal, wrap } from '../../report/index.ts';
import type { AppContext, Sources } from '../../judge/context.ts';
import { clipTo, type Location, type S3Access } from '../../model/index.ts';
import type { ContractPlace, Repository } from './places.ts';

/** A word of a contract that is proposed, and what is to be known of it. */
export interface ProposedWord {
  readonly word: string;
  /** Undefined: there is nothing to propose, and something to say. */
  readonly value: unknown;
  /** Why it is proposed, and where it comes from. */
  readonly notes: readonly string[];
  /** What somebody has to look at. */
  readonly unsure?: readonly string[];
}

/** An artifact that is proposed for a contract. */
export interface Proposal {
  readonly name: string;
  /** What was looked at. */
  readonly head: readonly string[];
  readonly words: readonly ProposedWord[];
}

/** Longest comment, in characters: a value may be a page. */
const longest = 400;
const widest = 80;

/** The proposals as a whole contract, with comments. */
export function contractText(proposals: readonly Proposal[]): string {
  const blocks = proposals.map((one) => artifactText(one, '  '));
  return `version: 1\nartifacts:\n${blocks.join('\n')}`;
}

/** A proposal as it stands below `artifacts:`, each line with its indentation. */
export function artifactText({ name, head, words }: Proposal, indent: string): string {
  const inner = indent + indent;
  const lines = [
    ...head.flatMap((text) => comment(text, indent)),
    `${indent}${name}:`,
    ...words.flatMap(({ word, value, notes, unsure = [] }) => [
      ...notes.flatMap((text) => comment(text, inner)),
      ...unsure.flatMap((text) => comment(`unsure: ${text}`, inner)),
      ...(value === undefined ? [] : [`${inner}${flow(word, value)}`]),
    ]),
  ];
  return `${lines.join('\n')}\n`;
}

/** All that is unsure of some proposals, a sentence each. */
export function unsureOf(proposals: readonly Proposal[]): readonly string[] {
  return proposals.flatMap(({ name, words }) =>
    words.flatMap(({ word, unsure = [] }) => unsure.map((text) => `${name}, ${word}: ${text}`)),
  );
}

/** Text of a file in a comment, at most so wide: nothing in it that a terminal obeys. */
function comment(text: string, indent: string): readonly string[] {
  const told = escapeTerminal(clipTo(text, longest));
  return wrap(`${indent}# ${told}`, widest, indent.length + 4).map((line, at) =>
    at === 0 ? line : `${indent}#   ${line.trimStart()}`,
  );
}

/** `word: value`, the value on one line. */
function flow(word: string, value: unknown): string {
  const text = stringify(value, {
    collectionStyle: 'flow',
    lineWidth: 0,
    defaultStringType: 'PLAIN',
  });
  const shown = text.trimEnd();
  // Text of several lines, or that YAML would write as a block, is JSON's, which YAML reads alike.
  return `${word}: ${shown.includes('\n') ? JSON.stringify(value) : tight(shown)}`;
}

/** `{ a: b }` as people write it here: `{a: b}`. */
function tight(text: string): string {
  return /["']/.test(text) ? text : text.replaceAll(/([{[]) /g, '$1').replaceAll(/ ([}\]])/g, '$1');
}

/** A file that a contract is to be proposed for. */
export interface InitRequest {
  readonly context: AppContext;
  readonly sources: Sources;
  /** As it was typed. */
  readonly file: string;
  /** What came on stdin, where it is `-`. */
  readonly stdin: Location | null;
  /** `--name`; null: the file's. */
  readonly name: string | null;
  /** `--in`: where the runtime copy may be; null: nowhere in particular. */
  readonly inside: string | null;
  readonly access: S3Access;
  readonly contract: ContractPlace;
  /** Of the working directory; null: there is none. */
  readonly repository: Repository | null;
}
