import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Io } from '../io/io.ts';
import type { ContractChoice, Selection } from '../judge/options.ts';
import {
  defaultLimits,
  limitUnits,
  nearestHint,
  parseSize,
  sizeExpected,
  type Limits,
} from '../model/index.ts';
import { parseColumns } from './options.ts';
import { orVariable } from './variables.ts';

/** What commander hands over of them. */
export interface ContractFlags {
  readonly config?: string;
  readonly configSha256?: string;
  /** `NAME=value`, or `NAME` for that variable of the environment. */
  readonly var?: readonly string[];
  readonly limits?: Partial<Limits>;
  readonly select?: readonly Selection[];
  readonly redact?: readonly string[];
  readonly redactKey?: string;
  readonly ref?: string;
}

/** Adds the options of commands that read a contract. */
export function addContractOptions(command: Command): Command {
  const options = [
    orVariable(
      new Option(
        '--config <file>',
        'the contract, or git:REF:PATH; default: keydrift.yaml here or above',
      ),
    ),
    orVariable(
      new Option('--config-sha256 <hex>', 'what the contract must be').argParser(parseSha256),
    ),
    new Option(
      '--var <name=value>',
      'a variable of the contract; NAME alone takes it from the environment (env: KEYDRIFT_VAR_NAME)',
    ).argParser(collectVariable),
    orVariable(
      new Option('--limits <limits>', 'what a contract may raise: bytes=2GiB,…').argParser(
        parseLimits,
      ),
    ),
  ];
  for (const option of [...options, ...redactOptions()]) command.addOption(option);
  return command;
}

/** What is not told: of all commands that tell of rows. */
export function redactOptions(): readonly Option[] {
  const columns = new Option(
    '--redact <columns>',
    'tell values of these columns as fingerprints only, in every output',
  );
  const key = new Option(
    '--redact-key <key>',
    'what fingerprints are made with, so that those of two runs agree; default: a new one',
  );
  return [
    columns.argParser((text: string, before?: readonly string[]) => parseColumns(text, before)),
    orVariable(key),
  ];
}

/** What `--redact` says. */
export function toRedact({
  redact = [],
  redactKey = null,
}: {
  readonly redact?: readonly string[] | undefined;
  readonly redactKey?: string | null | undefined;
}): NonNullable<ContractChoice['redact']> {
  return { columns: redact, key: redactKey };
}

/** `--changed-since`, of what many artifacts are chosen by. */
export function changedSinceOption(): Option {
  return new Option(
    '--changed-since <ref>',
    'artifacts whose reviewed file, or entry in the contract, is another than at a git ref',
  );
}

/** `--select`, of commands that take several artifacts. */
export function selectOption(): Option {
  return new Option(
    '--select <word=value>',
    'artifacts that say so of themselves: owner=…, runbook=…, label.NAME=…',
  ).argParser(collectSelection);
}

/** How the contract is found and filled in, as the application takes it. */
export function toContractChoice(
  flags: ContractFlags,
  { environment, memory }: Pick<Io, 'environment' | 'memory'>,
): Omit<ContractChoice, 'access'> & { readonly select: readonly Selection[] } {
  const { config = null, configSha256 = null, select = [] } = flags;
  const limits = withinMemory(flags.limits ?? {}, memory);
  const variables = new Map<string, string>();
  for (const text of flags.var ?? []) {
    const equals = text.indexOf('=');
    const name = equals === -1 ? text : text.slice(0, equals);
    const value = equals === -1 ? environment[name] : text.slice(equals + 1);
    // One that is set nowhere stays unset: what uses it says so.
    if (value !== undefined) variables.set(name, value);
  }
  const refIs = flags.ref === undefined ? 'default' : 'given';
  const redact = toRedact(flags);
  return { config, configSha256, limits, select, variables, refIs, redact };
}

/** The rest is for what is counted nowhere: the program itself, and buffers on their way. */
const memoryShare = 0.7;

/** What a container has is a bound of the limit `memory`, whoever says more. */
function withinMemory(limits: Partial<Limits>, memory: number | undefined): Partial<Limits> {
  if (memory === undefined) return limits;
  const most = Math.floor(memoryShare * memory);
  return { ...limits, memory: Math.min(limits.memory ?? defaultLimits.memory, most) };
}

function parseSha256(text: string): string {
  if (/^[0-9a-f]{64}$/i.test(text)) return text.toLowerCase();
  throw new InvalidArgumentError('Expected 64 hex digits.');
}

function collectVariable(text: string, before: readonly string[] = []): readonly string[] {
  if (/^[A-Za-z_][A-Za-z0-9_]*(=|$)/.test(text)) return [...before, text];
  throw new InvalidArgumentError('Expected NAME=value, or NAME.');
}

function collectSelection(text: string, before: readonly Selection[] = []): readonly Selection[] {
  const [, word = '', value = ''] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (word === 'owner' || word === 'runbook') return [...before, { word, value }];
  const [, label] = /^label\.(.+)$/s.exec(word) ?? [];
  if (label !== undefined) return [...before, { word: { label }, value }];
  throw new InvalidArgumentError('Expected owner=…, runbook=… or label.NAME=….');
}

function parseLimits(text: string): Partial<Limits> {
  const limits: { -readonly [K in keyof Limits]?: number } = {};
  for (const part of text.split(',')) {
    const [, name = '', value = ''] = /^\s*(\w+)=(.*?)\s*$/s.exec(part) ?? [];
    if (!isLimit(name)) {
      throw new InvalidArgumentError(nearestHint(name, Object.keys(limitUnits)));
    }
    const sized = limitUnits[name] === 'bytes' ? parseSize(value) : null;
    const number = sized ?? (/^[0-9]{1,15}$/.test(value) ? Number(value) : null);
    if (number === null || number < 1) {
      const expected = limitUnits[name] === 'bytes' ? sizeExpected : 'a whole number, at least 1';
      throw new InvalidArgumentError(`Expected ${expected} for ${name}.`);
    }
    limits[name] = number;
  }
  return limits;
}

function isLimit(name: string): name is keyof Limits {
  return Object.hasOwn(limitUnits, name);
}
