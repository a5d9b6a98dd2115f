import type * as z from 'zod';
import {
  nearestHint,
  nearestNames,
  policyKinds,
  quote,
  type Contract,
  type StepShape,
} from '../model/index.ts';
import {
  contractFile,
  type ContractFile,
  type Data,
  type DataMap,
  type Path,
  type Place,
} from './file.ts';
import type { ContractText } from './include.ts';
import { readContract, type ContractOptions, type ContractReader } from './parse.ts';
import { readPlain } from './plain.ts';
import { convertTree, isAllArtifacts, noArtifactsHint, parseYaml } from './yaml.ts';
import { isOneCopy, type ContractDraft } from './draft.ts';
import { knownSeparator } from './schema-parts.ts';
import { copyWords } from './vocabulary.ts';
import { contractSchema } from './schema.ts';

/** Reads every text, and tells all that is wrong with it: with the YAML parser and the schema. */
const thoroughly: ContractReader = { open: readContractFile, shape: checkShape };

/** Reads the text of a contract: syntax and doubled names; knows no word of it yet. */
export function readContractFile(text: string): ContractFile {
  const plain = readPlain(text);
  if (plain !== null) {
    return contractFile({ places: () => plain.places(), problems: [], data: () => plain.data });
  }
  const parsed = parseYaml(text);
  const { problems } = parsed;
  const places = new Map<string, Place>();
  return contractFile({
    places: () => places,
    problems,
    data: (report) =>
      problems.length > 0 ? undefined : convertTree({ ...parsed, places, report }),
  });
}

/**
 * The texts of a contract, YAML or JSON, as the Contract that they state (SPEC §3).
 * Throws one `CONTRACT_INVALID` whose `problems` are those of all files, each sorted by line.
 */
export function parseContract(root: ContractText, options: ContractOptions): Contract {
  return readContract(root, options, thoroughly)!;
}

type Issue = z.core.$ZodIssue;

/**
 * Reports every misshapen value of a file and takes it out, so that what is left has the draft's
 * shape and every rule can be checked on it. Null: nothing is left to check.
 */
export function checkShape(file: ContractFile, steps: readonly StepShape[]): ContractDraft | null {
  const data = file.data;
  if (data === undefined) return null;
  if (isMap(data) && typeof data['version'] === 'number' && data['version'] !== 1) {
    const message = `version ${file.written(['version'])} of the contract is not known to this version of keydrift`;
    file.report(['version'], message, 'Write `version: 1`, or use a newer keydrift.');
    return null;
  }
  const others = isMap(data) && data['include'] !== undefined ? 'optional' : 'needed';
  // It mostly serves once in a process: compiling it would cost more than it saves.
  const checked = schemaOf(steps, others).safeParse(data, { jitless: true });
  const issues = checked.error?.issues ?? [];
  const bad = issues.flatMap((issue) => reportIssue(file, data, issue, []));
  for (const path of bad) takeOut(data, path);
  return isMap(data) ? data : null;
}

/** Built once for the steps and kinds that there are: what is included, or of a base, shares it. */
const schemas = new WeakMap<readonly StepShape[], Map<string, z.ZodType>>();
type Others = 'needed' | 'optional';

function schemaOf(steps: readonly StepShape[], others: Others): z.ZodType {
  const built = schemas.get(steps) ?? new Map<string, z.ZodType>();
  schemas.set(steps, built);
  const id = [others, ...policyKinds].join(' ');
  const schema = built.get(id) ?? contractSchema(steps, others);
  built.set(id, schema);
  return schema;
}

/** Reports one issue; returns the paths of the values that are not to be used. */
function reportIssue(file: ContractFile, data: Data, issue: Issue, base: Path): readonly Path[] {
  const path = [
    ...base,
    ...issue.path.map((part) => (typeof part === 'number' ? part : String(part))),
  ];
  if (issue.code === 'unrecognized_keys') {
    const known = issue.message.split(knownSeparator);
    return issue.keys.map((word) => reportUnknown(file, [...path, word], word, known));
  }
  const value = valueAt(data, path);
  if (issue.code === 'invalid_union') {
    const branch = meantBranch(issue, value);
    if (branch !== null) return branch.flatMap((nested) => reportIssue(file, data, nested, path));
  }
  if (file.isReported(path)) return [path];
  if (value === undefined) {
    file.report(path, `${quote(String(path.at(-1)))} is missing: expected ${issue.message}`);
  } else {
    const message = `expected ${issue.message}, found ${found(file, path, value)}`;
    file.report(path, message, shapeHint(file, path, issue, value));
  }
  return [path];
}

function reportUnknown(
  file: ContractFile,
  path: Path,
  word: string,
  known: readonly string[],
): Path {
  const hint =
    word === '<<'
      ? 'YAML merge keys are not read: repeat the words.'
      : (elsewhereHint(word) ?? nearestHint(word, known));
  file.report(path, `${quote(word)} is not a word of the contract here`, hint);
  return path;
}

/** Where a word belongs that is one of a runtime copy, and stands elsewhere; null: it is none. */
function elsewhereHint(word: string): string | null {
  if (!copyWords.has(word) || placeWords.has(word)) return null;
  return `It belongs to a runtime copy: \`runtime: {url: …, ${word}: …}\``;
}

/** Words that say where a copy is: elsewhere another is meant. */
const placeWords: ReadonlySet<string> = new Set(['url', 'table', 'engine', 'snapshot']);

/** The branch of a union that was meant: the one that the value's type fits. */
function meantBranch(issue: z.core.$ZodIssueInvalidUnion, value: unknown): readonly Issue[] | null {
  const fitting = issue.errors.filter((branch) => !branch.some(isOfOtherType));
  const [file, table, copies] = fitting;
  if (table === undefined) return file ?? null;
  // What is a copy has a branch for a file and one for a table; `runtime` also one for several.
  const map = typeof value === 'object' && value !== null ? value : {};
  if ('table' in map) return table;
  const isOne = copies === undefined || isOneCopy(map);
  return (isOne ? file : copies) ?? null;
}

function isOfOtherType(issue: Issue): boolean {
  return (
    issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value')
  );
}

function found(file: ContractFile, path: Path, value: Data): string {
  const written = file.written(path);
  if (typeof value === 'string') return quote(written ?? value);
  if (value === null) return 'null';
  if (typeof value === 'number') return `the number ${written ?? value}`;
  if (typeof value === 'boolean') return String(value);
  const kind = Array.isArray(value) ? 'list' : 'map';
  return Object.keys(value).length === 0 ? `an empty ${kind}` : `a ${kind}`;
}

function shapeHint(file: ContractFile, path: Path, issue: Issue, value: Data): string | null {
  const written = file.written(path) ?? '';
  const scalar = typeof value !== 'object' || value === null;
  if (scalar && typeof value !== 'string' && wants(issue, 'string')) {
    return `Put it in quotes: ${quote(written)}`;
  }
  if (typeof value === 'string') {
    const [meant] = nearestNames(written, namesIn(issue));
    if (meant !== undefined) return `Did you mean ${meant}?`;
    if (wants(issue, 'array')) return `Write a list: [${listed(written)}]`;
    const number = wants(issue, 'number') || wants(issue, 'int') || issue.code === 'invalid_value';
    if (number && /^[0-9.]+$/.test(written)) return 'Write the number without quotes.';
    if (wants(issue, 'boolean')) return 'Write true or false, without quotes.';
    if (issue.code === 'invalid_value') return nearestHint(written, issue.values.map(String));
  }
  return issue.code === 'custom' && isAllArtifacts(path) ? noArtifactsHint : null;
}

/** A text as the items of a list: at its commas, where it has some. */
function listed(written: string): string {
  const items = written.split(',').map((item) => item.trim());
  const said = items.filter((item) => item !== '');
  if (items.length < 2 || said.length === 0) return quote(written);
  // What YAML could read as something else is quoted.
  const isPlain = said.every((item) => /^[a-z_][\w-]*$/i.test(item) && !readAsOther.test(item));
  return said.map((item) => (isPlain ? item : quote(item))).join(', ');
}

const readAsOther = /^(?:y|n|yes|no|on|off|true|false|null)$/i;

/** The words that an issue would take in the value's place, in any branch of it. */
function namesIn(issue: Issue): readonly string[] {
  if (issue.code === 'invalid_value') {
    return issue.values.filter((value) => typeof value === 'string');
  }
  if (issue.code !== 'invalid_union') return [];
  return issue.errors.flatMap((branch) =>
    branch.flatMap((nested) => (nested.path.length === 0 ? namesIn(nested) : [])),
  );
}

/** Whether an issue says that a value of a type was wanted, in any branch of it. */
function wants(issue: Issue, type: string): boolean {
  if (issue.code === 'invalid_type') return issue.expected === type;
  if (issue.code !== 'invalid_union') return false;
  return issue.errors.some((branch) =>
    branch.some((nested) => nested.path.length === 0 && wants(nested, type)),
  );
}

function isMap(value: Data | undefined): value is DataMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function child(value: Data | undefined, part: string | number): Data | undefined {
  if (Array.isArray(value)) return typeof part === 'number' ? value[part] : undefined;
  return isMap(value) ? value[part] : undefined;
}

function valueAt(data: Data, path: Path): Data | undefined {
  return path.reduce<Data | undefined>(child, data);
}

/** Places in lists stay, so that the paths of their other items stay right. */
function takeOut(data: Data, path: Path): void {
  const last = path.at(-1);
  const parent = valueAt(data, path.slice(0, -1));
  if (Array.isArray(parent) && typeof last === 'number') parent[last] = undefined;
  else if (isMap(parent) && last !== undefined) delete parent[last];
}
