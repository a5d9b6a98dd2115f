import { InvalidArgumentError } from 'commander';
import { join } from 'node:path';
import type { AppContext } from '../../judge/context.ts';
import { declaredContract } from '../../judge/contract.ts';
import {
  KeydriftError,
  nearestHint,
  type ArtifactContract,
  type S3Access,
  retold,
} from '../../model/index.ts';

/** `--normalize column=step,…`: the steps as YAML's flow writes them, as in a contract. */
export interface NormalizeTerm {
  readonly column: string;
  readonly steps: string;
  /** As it was typed. */
  readonly written: string;
}

/** `--csv delimiter=;,…`: words of a contract's `csv`. */
export interface CsvTerm {
  readonly words: Readonly<Record<string, string | null | readonly string[]>>;
  readonly written: string;
}

/** What the options say of the columns and of how the copies are written. */
export interface DiffWords {
  readonly key: readonly string[];
  readonly optional: readonly string[];
  readonly normalize: readonly NormalizeTerm[];
  readonly csv: readonly CsvTerm[];
}

/** `column=step,…`, after those that came before. */
export function parseNormalize(
  text: string,
  before: readonly NormalizeTerm[] = [],
): readonly NormalizeTerm[] {
  const equals = text.indexOf('=');
  const [column, steps] = [text.slice(0, equals), text.slice(equals + 1)];
  if (equals < 1) throw new InvalidArgumentError(expectedSteps);
  if (before.some((one) => one.column === column)) {
    throw new InvalidArgumentError(`${column} is named twice.`);
  }
  return [...before, { column, steps, written: text }];
}

const expectedSteps = 'Expected column=step,… as in a contract: weight=trim,{decimal: 2}.';

/** Whether a text is the inside of one list of YAML, and nothing beside it. */
async function isFlowList(text: string): Promise<boolean> {
  if (/[\r\n]/.test(text)) return false;
  const { parseYaml } = await import('../yaml.ts');
  try {
    const list: unknown = parseYaml(`[${text}]`);
    return Array.isArray(list) && list.length > 0;
  } catch {
    return false;
  }
}

const csvWords = ['delimiter', 'quote', 'escape', 'comment', 'names'] as const;
const csvWord = new RegExp(`(?:^|,)(?=(?:${csvWords.join('|')})=)`);
const named: Readonly<Record<string, string | null>> = { '\\t': '\t', tab: '\t', none: null };

/** `delimiter=;,quote=none,names=a,b`, after what came before. */
export function parseCsv(text: string, before: readonly CsvTerm[] = []): readonly CsvTerm[] {
  const parts = text.split(csvWord).filter((part) => part !== '');
  const words = parts.map((part) => {
    const [, name = '', value = ''] = /^(\w*)=(.*)$/s.exec(part) ?? [];
    if (!csvWords.some((word) => word === name)) {
      const hint = nearestHint(name === '' ? part : name, csvWords);
      throw new InvalidArgumentError(`Expected delimiter=…,quote=…,names=…. ${hint}`);
    }
    if (name === 'names') return [name, value.split(',')] as const;
    return [name, Object.hasOwn(named, value) ? named[value]! : value] as const;
  });
  return [...before, { words: Object.fromEntries(words), written: text }];
}

/**
 * The options as an artifact of a contract, held to a contract's own rules. Throws `USAGE`, naming
 * the option.
 */
export async function artifactOfWords(
  context: AppContext,
  words: DiffWords,
  access: S3Access,
): Promise<ArtifactContract> {
  for (const { steps, written } of words.normalize) {
    if (await isFlowList(steps)) continue;
    throw new KeydriftError('USAGE', `--normalize ${written}: no list of steps`, {
      hint: expectedSteps,
    });
  }
  const path = join(context.workingDirectory, 'keydrift.yaml');
  const text = contractOf(words);
  const made = { path, bytes: Buffer.from(text), text, included: [], faults: [] };
  const choice = { config: null, access };
  try {
    const file = { committed: null, shown: path };
    const { artifacts } = await declaredContract(file, made, context, choice);
    return artifacts[0]!;
  } catch (thrown) {
    if (!(thrown instanceof KeydriftError)) throw thrown;
    throw usageOf(thrown);
  }
}

function contractOf({ key, optional, normalize, csv }: DiffWords): string {
  const columns = key.map((column) => ({ column, optional: optional.includes(column) }));
  const steps = normalize.map(({ column, steps: list }) => `${JSON.stringify(column)}: [${list}]`);
  return `version: 1
artifacts:
  diff:
    reviewed: reviewed
    runtime: runtime
    key: ${JSON.stringify(columns)}
    normalize: {${steps.join(', ')}}
    csv: ${JSON.stringify(Object.assign({}, ...csv.map((one) => one.words)))}
`;
}

/** What is wrong with the made contract, as what is wrong with the options. */
function usageOf(error: KeydriftError): KeydriftError {
  const [first] = error.problems;
  if (first === undefined) return retold(error, { code: 'USAGE' });
  const [word = ''] = first.path.replace(/^artifacts\.diff\./, '').split(/[.[]/);
  return new KeydriftError('USAGE', `--${word}: ${first.message}`, { hint: first.hint });
}
