// Writes docs/api.md: what src/index.ts exports, in its own words. A test holds the page to it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('..', import.meta.url);
const read = (path) => readFileSync(new URL(path, root), 'utf8');

/** The page as it has to be. */
export function apiPage() {
  const source = read('src/index.ts');
  const own = declarationsOf(source).filter(({ exported }) => exported);
  const functions = own.filter(({ kind }) => kind === 'function');
  const types = own.filter(({ kind }) => kind !== 'function');
  return [
    '# The library',
    '',
    '<!-- Made by npm run api of src/index.ts: edit that. -->',
    '',
    'keydrift as a module, for Node 20.19 or later, ES modules only, with types. Nothing in it writes to the console, ends the process or answers a signal; what it needs of the process (directory, environment, clock) can be handed in. Names and words are those of the command line.',
    '',
    'This example is run by the tests (`examples/library.mjs`):',
    '',
    '```js',
    read('examples/library.mjs').trim(),
    '```',
    '',
    '## Functions',
    ...functions.flatMap(section),
    '',
    '## Types of the calls',
    ...types.flatMap(section),
    '',
    '## Types of the answers',
    '',
    "They are in the package with their comments (`dist/types`), and the JSON that `render(…, 'json')` gives is described by the schemas in `schema/`.",
    '',
    ...reexported(source).map(
      ({ name, words }) => `- \`${name}\`${words === '' ? '' : `: ${words}`}`,
    ),
    '',
  ].join('\n');
}

function section({ name, words, code }) {
  return ['', `### \`${name}\``, '', words, '', '```ts', code, '```'];
}

/** The functions and types of a module, each with the comment before it. */
function declarationsOf(text) {
  const pattern =
    /(?:\/\*\*((?:(?!\*\/)[^])*)\*\/\n)?(export )?((?:async )?function (\w+)[^]*?\n}|(interface) (\w+)[^]*?\n}\n)/g;
  const found = [];
  for (const [, comment = '', exported, code, fn, , type] of text.matchAll(pattern)) {
    const isFunction = fn !== undefined;
    found.push({
      name: fn ?? type,
      kind: isFunction ? 'function' : 'type',
      exported: exported !== undefined,
      words: wordsOf(comment),
      code: isFunction ? signatureOf(code) : code.trim(),
    });
  }
  return found;
}

/** A function up to its body. */
function signatureOf(code) {
  const end = /\): [^\n]*?(?= \{\n)/.exec(code);
  return code.slice(0, end.index + end[0].length).replace(/^async /, '');
}

function wordsOf(comment) {
  return comment
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trim())
    .join(' ')
    .trim();
}

/** What index.ts hands on, with the first sentence that its own module says of it. */
function reexported(source) {
  const names = [...source.matchAll(/^export (?:type )?\{([^}]*)\} from '\.\/(?:model|judge)/gm)]
    .flatMap(([, list]) => list.split(','))
    .map((name) => name.trim().replace(/^type /, ''))
    .filter((name) => name !== '');
  const texts = ['src/model', 'src/judge'].flatMap((folder) =>
    readdirSync(new URL(folder, root))
      .filter((file) => file.endsWith('.ts'))
      .map((file) => read(`${folder}/${file}`)),
  );
  return names.sort(byCodeUnits).map((name) => ({ name, words: firstSentence(name, texts) }));
}

function firstSentence(name, texts) {
  const pattern = new RegExp(
    String.raw`/\*\*((?:(?!\*/)[^])*)\*/\nexport (?:class|const|interface|type) ${name}\b`,
  );
  for (const text of texts) {
    const [, comment] = pattern.exec(text) ?? [];
    if (comment !== undefined) return wordsOf(comment).replace(/(\.)\s.*$/, '$1');
  }
  return '';
}

function byCodeUnits(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL('docs/api.md', root), apiPage());
}
