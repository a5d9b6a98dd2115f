import { dirname, isAbsolute, relative } from 'node:path';
import type {
  ArtifactContract,
  CsvOptions,
  FindingSide,
  Location,
  ReportError,
  RuntimeCopy,
} from '../model/index.ts';
import { committing, schemes } from '../sources/index.ts';

/** What a hint says of one copy, and how `diff` is told it: the formats' own words. */
const forThisCopy = /\bsay (`[^`]+`) for this copy(?: \(diff: (--csv (?:'[^']*'|[^\s')]+))\))?/gi;

/**
 * A fault whose hint says words for one copy, with the line of the contract as it must stand then: under
 * the artifact they would hold for the other copy too. Without a contract (`diff`) the flag is told.
 */
export function inItsPlace(
  error: ReportError,
  artifact: ArtifactContract,
  copyName: string | null,
): ReportError {
  const { hint, place } = error;
  if (hint === null) return error;
  const told = wordsInPlace(hint, place.side, artifact, copyName);
  return told === hint ? error : { ...error, hint: told };
}

/** The same of any words that are told of a side. */
export function wordsInPlace(
  said: string,
  side: FindingSide | null | undefined,
  artifact: ArtifactContract,
  copyName: string | null,
): string {
  const copy = artifact.copies.find(({ name }) => name === copyName);
  return said.replaceAll(forThisCopy, (whole, quoted: string, flag: string | undefined) => {
    const words = quoted.slice(1, -1);
    if (artifact.contract === undefined) {
      return flag === undefined ? whole : byFlag(artifact, quoted, flag);
    }
    if (side !== 'reviewed') {
      return copy === undefined ? whole : `write \`${runtimeLine(artifact, [copy], words)}\``;
    }
    // The artifact's own word suits the copies that it was written for.
    const wide = artifact.copies.filter(({ csv }) => csvWords(csv) === csvWords(artifact.csv));
    if (words.startsWith('csv:') && isSaid(artifact.csv) && wide.length > 0) {
      const line = runtimeLine(artifact, wide, csvWords(artifact.csv));
      return `the artifact's own \`csv\` holds for both copies; take it away there, and write \`${line}\``;
    }
    return `write \`reviewed: ${withWords(artifact, 'path', artifact.reviewed, words)}\``;
  });
}

/**
 * A reviewed file that is to be committed first, with the files of the contract where those are not
 * committed either: a command that names one of them is half of what is needed.
 */
export function withContractFiles(
  error: ReportError,
  { reviewed, contract }: ArtifactContract,
): ReportError {
  const { hint, command = null } = error;
  const files = contract?.files ?? [];
  if (hint === null || command === null || files.length === 0) return error;
  const path = 'path' in reviewed && typeof reviewed.path === 'string' ? reviewed.path : null;
  const root = folders(dirname(files[0]!)).find(
    (at) => path !== null && command === committing([path], at, null),
  );
  if (root === undefined || path === null) return error;
  const whole = committing([...files, path], root, null);
  return { ...error, hint: hint.slice(0, -command.length) + whole, command: whole };
}

/** A folder, and all that it lies in. */
function folders(at: string): readonly string[] {
  const parent = dirname(at);
  return parent === at ? [at] : [at, ...folders(parent)];
}

/** `--csv` speaks of both copies: where it does not suit one of them, only a contract can say more. */
function byFlag({ csv }: ArtifactContract, quoted: string, flag: string): string {
  return isSaid(csv)
    ? `--csv holds for both copies, and they differ: a contract can say ${quoted} of this one (keydrift init)`
    : `a contract can say ${quoted} of this copy; if both copies are so, say ${flag}`;
}

function isSaid(csv: CsvOptions): boolean {
  return Object.keys(csv).length > 0;
}

function csvWords(csv: CsvOptions): string {
  const pairs = Object.entries(csv).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  return `csv: {${pairs.join(', ')}}`;
}

/** `runtime: {url: …, csv: {…}}`, or of copies with names `runtime: {eu: {url: …, csv: {…}}}`. */
function runtimeLine(
  artifact: ArtifactContract,
  copies: readonly RuntimeCopy[],
  words: string,
): string {
  const entries = copies.map(({ name, location }) => {
    const map = withWords(artifact, 'url', location, words);
    return name === null ? map : `${name}: ${map}`;
  });
  return copies[0]?.name === null ? `runtime: ${entries[0]}` : `runtime: {${entries.join(', ')}}`;
}

/** A location as the contract has it, with words. */
function withWords(
  { reviewed }: ArtifactContract,
  word: 'path' | 'url',
  location: Location,
  words: string,
): string {
  const place = schemes[location.kind]?.textOf(location) ?? '…';
  const within =
    'within' in reviewed && typeof reviewed.within === 'string' ? reviewed.within : null;
  const text = isAbsolute(place) && within !== null ? relative(within, place) : place;
  const isPlain = /^[\w./:@+=~-]*[\w/]$/.test(text);
  return `{${word}: ${isPlain ? text : JSON.stringify(text)}, ${words}}`;
}
