import { environmentName } from '../../contract/names.ts';
import {
  nearestNames,
  shellQuote,
  type GateDecision,
  type HandOver,
  type Environment,
} from '../../model/index.ts';

/** An artifact that a command gets. */
export interface HandedArtifact {
  readonly name: string;
  readonly revision: string;
  readonly handOver: HandOver;
}

/**
 * The words of a command with every `{ARTIFACT}` of a handed artifact replaced by its file, also
 * inside a word; other braces stay as they are. What is put in is not looked at again.
 */
export function fillPlaceholders(
  words: readonly string[],
  artifacts: readonly HandedArtifact[],
): string[] {
  const paths = new Map(artifacts.map(({ name, handOver }) => [name, handOver.path]));
  return words.map((word) =>
    word.replaceAll(placeholder, (text, name: string) => paths.get(name) ?? text),
  );
}

/** Characters of a command that a line of a log repeats. */
const longestTyped = 160;
const secretWord = /pass|pwd|secret|token|credential|auth|api-?_?key|private|:\/\/[^/]*@/i;
/** What nobody types: an id, a key, a signature. */
const randomPart = /^(?=.*\d)(?=.*[a-z])[\w+-]{20,}={0,2}$/i;

/**
 * A command as it is pasted, to be repeated in what is printed; null for none, for one that is long, and
 * for one that may hold a secret: a log is read by more people than the job's arguments.
 */
export function typedCommand(words: readonly string[]): string | null {
  const typed = words.map(shellQuote).join(' ');
  if (typed === '' || typed.length > longestTyped) return null;
  return words.some(mayBeSecret) ? null : typed;
}

function mayBeSecret(word: string): boolean {
  return secretWord.test(word) || word.split(/[=:,/]/).some((part) => randomPart.test(part));
}

const placeholder = /\{([^{}]*)\}/g;
const artifactName = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;
/** A name as reports tell a copy, `p@eu`, or with blanks about it. */
const nearlyName = /^ *([A-Za-z0-9][A-Za-z0-9_.-]*)(?:@[A-Za-z0-9_.-]+)? *$/;

/** Which of some artifacts the words of a command name in braces; null: of any that there may be. */
export function placeholdersOf(
  words: readonly string[],
  names: readonly string[] | null,
): readonly string[] {
  return bracedIn(words).filter((name) => names?.includes(name) ?? artifactName.test(name));
}

function bracedIn(words: readonly string[]): readonly string[] {
  return words.flatMap((word) => [...word.matchAll(placeholder)].map(([, name]) => name!));
}

/** Names in braces that are none of these artifacts', but near to one: what stands, what is meant. */
export function misspelled(
  words: readonly string[],
  names: readonly string[],
): readonly (readonly [word: string, meant: string])[] {
  return [...new Set(bracedIn(words))].flatMap((word) => {
    const name = nearlyName.exec(word)?.[1];
    if (name === undefined || names.includes(word)) return [];
    const meant = names.includes(name) ? name : nearestNames(name, names)[0];
    return meant === undefined ? [] : [[word, meant] as const];
  });
}

/** The variables that a command gets beside its own. */
export function commandEnvironment(
  environment: Environment,
  artifacts: readonly HandedArtifact[],
  decisions: readonly Pick<GateDecision, 'report' | 'table' | 'revision'>[] = [],
): Record<string, string | undefined> {
  const filled = { ...environment };
  for (const { report, table, revision } of decisions) {
    if (table === undefined) continue;
    const variable = `KEYDRIFT_${environmentName(report.name)}`;
    for (const word of ['FILE', 'URL', 'URL_VERSION', 'SNAPSHOT'])
      delete filled[`${variable}_${word}`];
    filled[`${variable}_TABLE`] = table.name;
    filled[`${variable}_REVISION`] = revision ?? '';
    if (table.snapshot !== null) filled[`${variable}_SNAPSHOT`] = table.snapshot;
  }
  for (const { name, revision, handOver } of artifacts) {
    const variable = `KEYDRIFT_${environmentName(name)}`;
    filled[`${variable}_FILE`] = handOver.path;
    filled[`${variable}_REVISION`] = revision;
    // One that an outer run left there names other bytes.
    delete filled[`${variable}_URL`];
    delete filled[`${variable}_URL_VERSION`];
    delete filled[`${variable}_TABLE`];
    delete filled[`${variable}_SNAPSHOT`];
    if (handOver.url !== null) filled[`${variable}_URL`] = handOver.url;
    if (handOver.urlVersion !== null) filled[`${variable}_URL_VERSION`] = handOver.urlVersion;
  }
  return filled;
}
