import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { contractJsonSchema } from '../../src/contract/json-schema.ts';
import { hazards } from '../../src/formats/csv/hazards.ts';
import { formats } from '../../src/formats/index.ts';
import {
  errorWords,
  refusalWords,
  warningWords,
  type CodeWords,
} from '../../src/model/code-words.ts';
import { errorCodes, isRetryable } from '../../src/model/error-codes.ts';
import { codeGlossary, exitWords, glossary, type GlossaryWord } from '../../src/model/glossary.ts';
import { warningsOfRuns } from '../../src/model/index.ts';
import { findingKinds, severities, states, verdicts } from '../../src/model/kinds.ts';
import type { CauseKind } from '../../src/model/index.ts';
import { topicLines } from '../../src/commands/topics.ts';
import { stepShapes } from '../../src/normalize/index.ts';
import { outputs, showing } from '../../src/report/index.ts';
import { temporaryDirectory } from '../integration/cli.ts';
import { runInProcess } from '../integration/in-process.ts';

/**
 * The reference of docs/ is written from the tables that the program itself reads: `npm run docs`
 * writes it anew, and these tests hold it.
 */
const written = '<!-- Written from the tables of the program: npm run docs -->\n\n';
const docs = new URL('../../docs/', import.meta.url).pathname;
const source = new URL('../../src/', import.meta.url).pathname;
const sourceFiles = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !/(?:wasm-bytes|page-bundle)\.ts$/.test(file))
  .map((file) => join(source, file));

test('docs/errors.md: every code with its cause and its cure', async () => {
  const classes = {
    usage: 'usage: exit 2',
    configuration: 'no verdict: exit 2',
    access: 'no verdict: exit 2',
    absent: 'not there: exit 1 where the store or git says so itself, else 2',
    content: 'drift: exit 1',
    internal: 'no verdict: exit 2',
  };
  const codes = Object.keys(errorCodes) as (keyof typeof errorCodes)[];
  const errors = codes.map((code) => {
    const { cause, cure } = errorWords[code];
    const retry = isRetryable(code) ? '; a retry may help' : '';
    return [`\`${code}\``, cause, cure, `${classes[errorCodes[code]]}${retry}`];
  });
  const page = [
    '# Codes',
    'Messages name a code first, and `keydrift help CODE` explains it; `error.code` and `warnings[].code` have it in JSON. A code is never renamed. Of `run` and `gate`, 2 is 122, or 125 where a retry may help, and drift is 121.',
    '## Errors',
    table(['code', 'cause', 'cure', 'what it makes'], errors),
    '## Warnings',
    `A warning changes no verdict. \`warnings: {CODE: ignore}\` in the contract silences one, but for those that are said of several runs (${[...warningsOfRuns].map((code) => `\`${code}\``).join(', ')}): an artifact's contract does not speak for them, and a part of a fleet by another contract could hide that it is.`,
    table(['code', 'cause', 'cure'], rowsOf(warningWords)),
    '## Refusals of publish',
    'They make exit 1, and nothing is written.',
    table(['code', 'cause', 'cure'], rowsOf(refusalWords)),
    '## Hazards of readers',
    'What an `ambiguous` finding or `READER_UNKNOWN` names: bytes that some reader takes otherwise.',
    table(
      ['code', 'what it is'],
      hazards.map(({ code, words }) => [`\`${code}\``, words]),
    ),
  ];
  const text = written + page.join('\n\n') + '\n';
  // Whatever the program says as a code is there, and help explains it.
  const said = sourceFiles.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/\bcode: '([A-Z][A-Z_]*_[A-Z_]+|[A-Z]{6,})'/g)].map(
      ([, code]) => code!,
    ),
  );
  expect(new Set(said).size).toBeGreaterThan(50);
  const unexplained = said.filter(
    (code) => !text.includes(`\`${code}\``) || topicLines(code, 80) === null,
  );
  expect(unexplained).toEqual([]);
  await expect(text).toMatchFileSnapshot(`${docs}errors.md`);
});

function rowsOf(words: Readonly<Record<string, CodeWords>>): readonly string[][] {
  return Object.entries(words).map(([code, { cause, cure }]) => [`\`${code}\``, cause, cure]);
}

test('every code that is warned of has its words', () => {
  const root = new URL('../../src/', import.meta.url).pathname;
  const said = new Set<string>();
  for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts')) continue;
    const text = readFileSync(join(root, name), 'utf8');
    for (const [, code = ''] of text.matchAll(/\bcode: '([A-Z][A-Z0-9]*_[A-Z0-9_]+)'/g)) {
      said.add(code);
    }
  }
  expect(said.size).toBeGreaterThan(20);
  const known = new Set([
    ...Object.keys(errorCodes),
    ...Object.keys(warningWords),
    ...Object.keys(refusalWords),
    ...hazards.map(({ code }) => code),
  ]);
  expect([...said].filter((code) => !known.has(code))).toEqual([]);
});

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly const?: string | number | boolean;
  readonly enum?: readonly unknown[];
  readonly description?: string;
  readonly pattern?: string;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

test('docs/contract.md: every key of the contract', async () => {
  const root = contractJsonSchema(stepShapes, Object.keys(formats)) as Schema;
  const undescribed = new Set<string>();
  const sections: string[] = [];
  const told = new Set<string>();
  const resolve = (schema: Schema): Schema => {
    if (schema.$ref === undefined) return schema;
    const { $ref, ...beside } = schema;
    return { ...resolve(root.$defs![$ref.slice('#/$defs/'.length)]!), ...beside };
  };
  const describe = (title: string, schema: Schema): void => {
    const keys = Object.entries(schema.properties ?? {}).map(([key, value]) => ({
      key,
      value: resolve(value),
    }));
    const rows = keys.map(({ key, value }) => {
      if (value.description === undefined) undescribed.add(`${title}: ${key}`);
      return [`\`${key}\``, valueOf(value, resolve), value.description ?? ''];
    });
    const text = table(['key', 'value', 'what it says'], rows);
    if (told.has(text)) return;
    told.add(text);
    sections.push(`## ${title}`, text);
    for (const { key, value } of keys) {
      // They hold words of an artifact.
      if (key === 'defaults' || key === 'overrides') continue;
      const within = key === 'artifacts' ? 'An artifact' : `\`${key}\``;
      for (const inner of objectsIn(value, resolve)) describe(within, inner);
    }
  };
  describe('The file', root);
  expect([...undescribed]).toEqual([]);
  const page = [
    '# The contract, key by key',
    'Editors complete from `schema/keydrift.contract.schema.json`, which says the same. A map of a key stands under its name.',
    ...sections,
  ];
  await expect(written + page.join('\n\n') + '\n').toMatchFileSnapshot(`${docs}contract-keys.md`);
});

/** The maps of known keys that stand in a value: itself, in its list, in its map, in one of its forms. */
function objectsIn(schema: Schema, resolve: (schema: Schema) => Schema): readonly Schema[] {
  const own = Object.keys(schema.properties ?? {}).length > 0 ? [schema] : [];
  const { additionalProperties: other } = schema;
  const within = [
    ...(schema.anyOf ?? []),
    ...(schema.items === undefined ? [] : [schema.items]),
    ...(typeof other === 'object' ? [other] : []),
  ];
  return [...own, ...within.flatMap((part) => objectsIn(resolve(part), resolve))];
}

function valueOf(schema: Schema, resolve: (schema: Schema) => Schema): string {
  if (schema.const !== undefined) return `\`${schema.const}\``;
  if (schema.enum !== undefined) return schema.enum.map((one) => `\`${String(one)}\``).join(', ');
  if (schema.anyOf !== undefined && schema.type === undefined) {
    const forms = schema.anyOf.map((form) => valueOf(resolve(form), resolve));
    return [...new Set(forms)].join(' or ');
  }
  if (schema.type === 'array') {
    return `list of ${schema.items === undefined ? 'values' : valueOf(resolve(schema.items), resolve)}`;
  }
  if (schema.type === 'object') {
    return Object.keys(schema.properties ?? {}).length > 0 ? 'map, below' : 'map';
  }
  return (
    { string: 'text', integer: 'whole number', number: 'number', boolean: 'true, false' }[
      schema.type ?? ''
    ] ??
    schema.type ??
    'any'
  );
}

const causes: Readonly<Record<CauseKind, true>> = {
  stale: true,
  unmerged: true,
  edited: true,
  ahead: true,
  unknown: true,
};

test('docs/glossary.md: every word of reports', async () => {
  const rows = (words: readonly GlossaryWord[]): readonly string[][] =>
    words.map(({ names, meaning }) => [names.join(', '), meaning]);
  const sections = Object.entries(glossary()).flatMap(([title, words]) => [
    `## ${title}`,
    table(['word', 'it means'], rows(words)),
  ]);
  const page = [
    '# Words',
    'One word for one thing, in reports, messages and docs. `keydrift help words` has them too, and `keydrift help WORD` one of them.',
    ...sections,
    '## In the code',
    table(['word', 'it means'], rows(codeGlossary)),
  ];
  await expect(written + page.join('\n\n') + '\n').toMatchFileSnapshot(`${docs}glossary.md`);
  const names = Object.values(glossary()).flatMap((words) => words.flatMap((one) => one.names));
  expect(names.toSorted()).toEqual([...new Set(names)].toSorted());
  const said = [...findingKinds, ...states, ...verdicts, ...Object.keys(causes)];
  expect(said.filter((word) => !names.includes(word))).toEqual([]);
  const weighed = severities.filter((one) => one === 'accepted' || one === 'pending');
  expect(weighed.filter((word) => !names.includes(word))).toEqual([]);
});

test('keydrift help WORD, words and exit-codes', () => {
  for (const topic of ['words', 'exit-codes', 'NOT-ENFORCED']) {
    const lines = topicLines(topic, 80)!;
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  }
  for (const { names, meaning } of Object.values(glossary()).flat()) {
    for (const name of names) {
      expect(topicLines(name, 1000)).toContain(`  ${meaning}`);
      expect(topicLines('words', 1000)!.join('\n')).toContain(meaning);
    }
  }
  const shown = ['slice', 'across', 'digest', 'ref', 'nearest', 'timeline'];
  expect(shown.filter((word) => topicLines(word, 80) === null)).toEqual([]);
  expect(topicLines('Units', 80)![0]).toBe('unit');
  // Whatever a message names by a code, or a report by a word.
  const printed = [
    ...[errorCodes, warningWords, refusalWords].flatMap((codes) => Object.keys(codes)),
    ...hazards.map(({ code }) => code),
    ...findingKinds,
    ...states,
    ...verdicts,
    ...severities,
    ...Object.keys(causes),
  ];
  expect(printed.length).toBeGreaterThan(150);
  expect(printed.filter((word) => topicLines(word, 80) === null)).toEqual([]);
  const lines = hazards.flatMap(({ code, words }) => (topicLines(code, 1000)!.join(' ').includes(words) ? [] : [code])); // prettier-ignore
  expect(lines).toEqual([]);
  expect(topicLines('STORE_ARCHIVED', 80)![0]).toBe('STORE_ARCHIVED');
  expect(topicLines('121', 200)).toEqual(['run and gate', expect.stringMatching(/^ {2}121 +refused because of drift/)]); // prettier-ignore
  expect(topicLines('127', 200)).toEqual(['run and gate', expect.stringMatching(/^ {2}127 +the command cannot be run/)]); // prettier-ignore
  expect(topicLines('1', 200)).toHaveLength(4);
  expect(topicLines('77', 80)).toBeNull();
  // The runtime copy's fault in an audit, the reviewed one's in lint.
  expect(topicLines('COLUMN_MISSING', 1000)![1]).toMatch(/^ {2}A copy lacks /);
  expect(topicLines('no-such-word', 80)).toBeNull();
});

test('exit codes are said alike wherever they are told', () => {
  const told = ['README.md', 'docs/gate.md']
    .map((page) => readFileSync(new URL(`../../${page}`, import.meta.url), 'utf8'))
    .join('\n')
    .replaceAll(/ +/g, ' ');
  const [judging, gate] = Object.values(exitWords);
  for (const [code, meaning] of [...judging!, ...gate!.slice(1)]) {
    expect(told).toContain(`| ${code} | ${meaning} |`);
  }
});

test('docs/commands.md: what every command says of itself', async () => {
  const cwd = await temporaryDirectory();
  const help = async (...words: readonly string[]): Promise<string> => {
    const call = { words, cwd, environment: { HOME: cwd, PATH: process.env['PATH'] } };
    const { stdout, code } = await runInProcess(call);
    expect(code).toBe(0);
    return stdout.trimEnd();
  };
  const all = await help('--help');
  const commands = [...all.matchAll(/^ {2}([a-z]+)(?= |$)/gm)].map(([, name = '']) => name);
  expect(commands.length).toBeGreaterThan(8);
  const parts = [`# Commands`, '```\n' + all + '\n```'];
  for (const name of commands.filter((known) => known !== 'help')) {
    parts.push(`## ${name}`, '```\n' + (await help(name, '--help')) + '\n```');
  }
  await expect(written + parts.join('\n\n') + '\n').toMatchFileSnapshot(`${docs}commands.md`);
});

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}

test('every page of docs is linked from the README', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  for (const page of ['errors.md', 'contract-keys.md', 'commands.md', 'glossary.md']) {
    expect(readme).toContain(`docs/${page}`);
  }
});

test('every output has its line in docs/outputs.md', () => {
  const page = readFileSync(join(docs, 'outputs.md'), 'utf8');
  for (const name of showing(outputs, 'report')) expect(page).toContain(`\n| \`${name}\``);
});

/** Idioms that a reader of another tongue takes for something else, and the words in their place. */
const idioms = /break glass|night run through|not simply in sync|as commit \S+ has it/i;

test('what a person reads has no idioms', () => {
  const from = new URL('../../', import.meta.url).pathname;
  const files = ['src', 'docs', 'localstack', 'scripts'].flatMap((folder) =>
    readdirSync(join(from, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ts|mjs|md|yaml)$/.test(name))
      .map((name) => join(folder, name)),
  );
  expect(files.length).toBeGreaterThan(50);
  const told = [...files, 'README.md', 'CHANGELOG.md'].filter((name) =>
    idioms.test(readFileSync(join(from, name), 'utf8')),
  );
  expect(told).toEqual([]);
});
