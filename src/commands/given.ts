import type { Command } from 'commander';
import type { ScopeTerm } from '../judge/scope.ts';
import { csvCell, type GivenOption } from '../model/index.ts';
import { shellQuote } from '../model/index.ts';

/**
 * Options of a command line as they were given on it, to be repeated in the next one: ` --config x`,
 * empty where none was. What came from the environment is there the next time too.
 */
export function givenFlags(command: Command, names: readonly string[]): string {
  const given = names.flatMap((name) => {
    const option = command.options.find((one) => one.attributeName() === name);
    if (option?.long === undefined || option.long === null) return [];
    if (command.getOptionValueSource(name) !== 'cli') return [];
    const value: unknown = command.getOptionValue(name);
    if (value === true) return [` ${option.long}`];
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    return values.map((one) => ` ${option.long}${argumentOf(textOf(one))}`);
  });
  return given.join('');
}

/** A value as it is written: what was read as a map is `NAME=value,…`, a scope `column=value,…`. */
function textOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if ('written' in value && typeof value.written === 'string') return value.written;
  if (isScope(value)) return `${value.column}=${value.values.map(csvCell).join(',')}`;
  return Object.entries(value)
    .map(([name, one]) => `${name}=${String(one)}`)
    .join(',');
}

function isScope(value: object): value is ScopeTerm {
  return 'column' in value && 'values' in value && Array.isArray(value.values);
}

/** A value that could be taken for an option stays with its own. */
function argumentOf(value: string): string {
  if (value === '') return "=''";
  return value.startsWith('-') ? `=${shellQuote(value)}` : ` ${shellQuote(value)}`;
}

/** Options that the next command repeats, as commander names them and as they are typed. */
const repeatable = [
  ['config', 'config'],
  ['configSha256', 'config-sha256'],
  ['var', 'var'],
  ['limits', 'limits'],
  ['ref', 'ref'],
  ['against', 'against'],
  ['runs', 'runs'],
  ['failOn', 'fail-on'],
  ['redact', 'redact'],
  ['optional', 'optional'],
  ['normalize', 'normalize'],
  ['csv', 'csv'],
  ['endpointUrl', 'endpoint-url'],
  ['region', 'region'],
  ['profile', 'profile'],
  ['contract', 'contract'],
  ['contractOnly', 'contract-only'],
  ['scope', 'scope'],
  ['wholeFile', 'whole-file'],
  ['as', 'as'],
  ['stage', 'stage'],
  ['record', 'record'],
  ['base', 'base'],
  ['forbidWeaker', 'forbid-weaker'],
  ['fetch', 'fetch'],
] as const;

/** The options of a run that its next command must have as well, to judge the same. */
export function givenOptions(raw: object): readonly GivenOption[] {
  const given = repeatable.flatMap(([attribute, name]): GivenOption[] => {
    const value: unknown = Reflect.get(raw, attribute);
    // What nobody typed has its default.
    if (value === undefined || value === null || (name === 'as' && value === 'stored')) return [];
    if (value === true) return [[name, null]];
    if (value instanceof Set) return [[name, [...value].join(',')]];
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    const isColumn = name === 'redact' || name === 'optional';
    return values.map((one) => [name, isColumn ? csvCell(textOf(one)) : textOf(one)] as const);
  });
  return Reflect.get(raw, 'signRequest') === false ? [...given, ['no-sign-request', null]] : given;
}
