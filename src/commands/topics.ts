import { hazards } from '../formats/csv/hazards.ts';
import { errorWords, refusalWords, warningWords, type CodeWords } from '../model/code-words.ts';
import { exitWords, glossary, type GlossaryWord } from '../model/glossary.ts';
import { wrap } from '../report/index.ts';

/** What is done about bytes that some reader takes otherwise, whichever they are. */
const hazardCure =
  'Name what the job reads with (`reader:` in the contract), which tells whether it counts; mend the file; or hand over `run --as canonical`, which removes what is only spelling.';

const hazardWords = hazards.map(({ code, words: what }): [string, CodeWords] => [
  code,
  { cause: `A hazard of readers: ${what}.`, cure: hazardCure },
]);
const tables: readonly Readonly<Record<string, CodeWords>>[] = [
  errorWords,
  warningWords,
  refusalWords,
  Object.fromEntries(hazardWords),
];

/** A code may be an error of one copy, and a hazard of another. */
function wordsOf(code: string): readonly CodeWords[] {
  return tables.flatMap((table) => (Object.hasOwn(table, code) ? (table[code] ?? []) : []));
}

const codeNames = [...new Set(tables.flatMap((table) => Object.keys(table)))];

function allWords(): readonly GlossaryWord[] {
  return Object.values(glossary()).flat();
}

/** Help of a topic: a code, an exit code, a word of reports, `words`, `exit-codes`; null: there is none. */
export function topicLines(topic: string, columns: number): readonly string[] | null {
  if (topic === 'words' || topic === 'glossary') return wordLines(columns);
  if (topic === 'exit-codes') return exitLines(columns);
  if (/^\d+$/.test(topic)) return codeLines(topic, columns);
  const explained = wordsOf(topic).flatMap(({ cause, cure }) => [cause, cure]);
  if (explained.length > 0) {
    return [topic, ...explained.flatMap((one) => wrap(`  ${one}`, columns, 2))];
  }
  const wanted = spelled(topic);
  const known = (text: string): readonly GlossaryWord[] =>
    allWords().filter(({ names }) => names.some((name) => spelled(name) === text));
  const found = [wanted, wanted.replace(/s$/, ''), wanted.replace(/ies$/, 'y')]
    .map(known)
    .find((one) => one.length > 0);
  if (found === undefined) return null;
  return found.flatMap(({ names, meaning }) => [
    names.join(', '),
    ...wrap(`  ${meaning}`, columns, 2),
  ]);
}

/** All that there is help of, beside commands. */
export function topicNames(): readonly string[] {
  return ['words', 'exit-codes', ...codeNames, ...allWords().flatMap(({ names }) => names)];
}

/** `NOT ENFORCED`, `not-enforced`: how a word is typed. */
function spelled(word: string): string {
  return word.toLowerCase().replaceAll(/[-_ ]+/g, ' ');
}

const column = 16;

function wordLines(columns: number): readonly string[] {
  const sections = Object.entries(glossary()).flatMap(([title, entries]) => [
    '',
    title,
    ...entries.flatMap(({ names, meaning }) => entryLines(names.join(', '), meaning, columns)),
  ]);
  return ['Words of reports, each explained by keydrift help WORD as well.', ...sections];
}

function exitLines(columns: number): readonly string[] {
  const sections = Object.entries(exitWords).flatMap(([commands, entries]) => [
    '',
    commands,
    ...entries.flatMap(([code, meaning]) => entryLines(code, meaning, columns)),
  ]);
  return ['Exit codes: a script can tell drift from what could not be established.', ...sections];
}

/** What one exit code says, of each command that has it; null: none has. */
function codeLines(topic: string, columns: number): readonly string[] | null {
  const lines = Object.entries(exitWords).flatMap(([commands, entries]) =>
    entries
      .filter(([code]) => code.split(', ').includes(topic))
      .flatMap(([, meaning]) => [commands, ...entryLines(topic, meaning, columns)]),
  );
  return lines.length === 0 ? null : lines;
}

/** A word and what it means beside it; a long one has a line of its own. */
function entryLines(name: string, meaning: string, columns: number): readonly string[] {
  const [first = '', ...rest] = wrap(meaning, Math.max(20, columns - column - 2));
  const indent = ' '.repeat(column + 2);
  const lead = `  ${name.padEnd(column)}`;
  const head = name.length < column ? [lead + first] : [`  ${name}`, indent + first];
  return [...head, ...rest.map((line) => indent + line)];
}
