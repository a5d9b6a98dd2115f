import { count, type NormalizationStep } from '../../model/index.ts';
import { compileSteps } from '../../normalize/index.ts';
import type { ColumnProfile, ColumnRole } from './profile.ts';

/** Steps that a column's values suggest, why, and what was thought of and not done. */
export interface SuggestedSteps {
  readonly steps: readonly NormalizationStep[];
  readonly why: readonly string[];
  readonly unsure: readonly string[];
}

/** One suggestion, of values as the steps before it leave them. */
interface Suggestion {
  readonly step: NormalizationStep;
  readonly why: string;
}

type Suggest = (values: readonly string[], role: ColumnRole) => Suggestion | null;

/** What a column wants, in the order in which steps are applied. */
const suggestions: readonly Suggest[] = [
  trim,
  collapse,
  compose,
  empties,
  letterCase,
  zeros,
  dates,
  numbers,
];

/**
 * The steps that the values of a column suggest: blanks, letter case, leading zeros, dates and
 * numbers that are written in several ways, and words for nothing. A step that some value cannot pass
 * is not suggested.
 */
export function suggestSteps(column: ColumnProfile, role: ColumnRole): SuggestedSteps {
  let values = [...column.values.keys()];
  const steps: NormalizationStep[] = [];
  const why: string[] = [];
  for (const suggest of role === 'prose' ? [] : suggestions) {
    const found = suggest(values, role);
    if (found === null) continue;
    const normalize = compileSteps([found.step])!;
    const after = values.map((value) => normalize(value));
    if (after.some((value) => typeof value !== 'string')) continue;
    values = [...new Set(after.map(String))].filter((value) => value !== '');
    steps.push(found.step);
    why.push(found.why);
  }
  const isZeros = steps.some(({ step }) => step === 'strip-zeros');
  return { steps, why, unsure: isZeros ? strippedZeros : paddedZeros(column.name, values) };
}

function plain(step: string, why: string): Suggestion {
  return { step: { step, parameter: null }, why };
}

/** `3 values, for example " P-1"`. */
function told(found: readonly string[], of: string): string {
  return `${count(found.length, 'value')} ${of}, for example ${JSON.stringify(found[0]?.slice(0, 40))}`;
}

function trim(values: readonly string[]): Suggestion | null {
  const found = values.filter((value) => value !== value.trim());
  return found.length === 0 ? null : plain('trim', told(found, 'with blanks at an end'));
}

function collapse(values: readonly string[]): Suggestion | null {
  const found = values.filter((value) => /\s\s/.test(value));
  return found.length === 0
    ? null
    : plain('collapse-spaces', told(found, 'with several blanks in a row'));
}

function compose(values: readonly string[]): Suggestion | null {
  const found = values.filter((value) => value !== value.normalize('NFC'));
  return found.length === 0
    ? null
    : plain('nfc', told(found, 'whose letters are composed in another way'));
}

const nothing = /^(?:null|none|nil|n\/a|na|nan|-|--|\\N|#n\/a|\?)$/i;

function empties(values: readonly string[]): Suggestion | null {
  const found = values.filter((value) => nothing.test(value));
  // A column of such words alone, as of countries with NA among them, means them.
  if (found.length === 0 || values.length === found.length) return null;
  if (values.every((value) => /^[A-Z]{2,3}$/.test(value))) return null;
  const why = `looks like a word for nothing: ${found.map((value) => JSON.stringify(value)).join(', ')}`;
  return { step: { step: 'empty', parameter: found }, why };
}

/** Values that are one but for letter case, or a few that are not in the case of the rest. */
function letterCase(values: readonly string[]): Suggestion | null {
  const lettered = values.filter((value) => value.toLowerCase() !== value.toUpperCase());
  if (lettered.length < 2) return null;
  const folded = new Map<string, string>();
  const pair = lettered.find((value) => {
    const other = folded.get(value.toLowerCase());
    folded.set(value.toLowerCase(), value);
    return other !== undefined;
  });
  const upper = lettered.filter((value) => value === value.toUpperCase()).length;
  const lower = lettered.filter((value) => value === value.toLowerCase()).length;
  const step = upper >= lower ? 'uppercase' : 'lowercase';
  if (pair !== undefined)
    return plain(
      step,
      `values that differ in letter case alone, as ${JSON.stringify(pair.slice(0, 40))}`,
    );
  const most = Math.max(upper, lower);
  if (most === lettered.length || most < 0.8 * lettered.length) return null;
  const odd = lettered.filter(
    (value) => value !== (upper >= lower ? value.toUpperCase() : value.toLowerCase()),
  );
  return plain(
    step,
    told(odd, `not in ${step === 'uppercase' ? 'capitals' : 'small letters'} as the others`),
  );
}

function zeros(values: readonly string[], role: ColumnRole): Suggestion | null {
  if (role === 'date' || role === 'flag' || !values.every((value) => /^\d+$/.test(value)))
    return null;
  const padded = values.filter((value) => /^0\d/.test(value));
  if (padded.length === 0 || isOfOneLength(values)) return null;
  const step = { step: 'strip-zeros', parameter: 'left' };
  return { step, why: told(padded, 'with leading zeros beside numbers without') };
}

const asText = 'warnings: {KEY_LEADING_ZERO: ignore}';
const strippedZeros = [
  `where the job reads its numbers as text, 007 and 7 are two: take strip-zeros out, and say ${asText} if it is of the key`,
];

function paddedZeros(name: string, values: readonly string[]): readonly string[] {
  const padded = values.filter((value) => /^0\d+$/.test(value));
  if (padded.length === 0 || !values.every((value) => /^\d+$/.test(value))) return [];
  return [
    `its numbers are padded with zeros (${JSON.stringify(padded[0])}): where a program writes them without, say normalize: {${isPlain(name) ? name : JSON.stringify(name)}: [{strip-zeros: left}]}; where the job reads them as text, and it is of the key, ${asText}`,
  ];
}

/** Whether YAML takes it for text as it stands. */
function isPlain(name: string): boolean {
  return /^[A-Za-z_][\w.-]*$/.test(name);
}

function isOfOneLength(values: readonly string[]): boolean {
  return values.every((value) => value.length === values[0]?.length);
}

const dateForms = [
  'DD/MM/YYYY',
  'MM/DD/YYYY',
  'DD.MM.YYYY',
  'DD-MM-YYYY',
  'YYYY/MM/DD',
  'D/M/YYYY',
  'M/D/YYYY',
  'D.M.YYYY',
] as const;

function dates(values: readonly string[]): Suggestion | null {
  if (values.length === 0) return null;
  if (values.every((value) => /^\d{4}-\d{2}-\d{2}(?:[T ]00:00(?::00(?:\.0+)?)?Z?)?$/.test(value))) {
    const midnight = values.filter((value) => value.length > 10);
    return midnight.length === 0 ? null : plain('date', told(midnight, 'with a time of midnight'));
  }
  if (!values.some((value) => /^\d{1,4}[./-]\d{1,2}[./-]\d{2,4}$/.test(value))) return null;
  const fits = dateForms.filter((form) => {
    const normalize = compileSteps([{ step: 'date', parameter: [form] }])!;
    return values.every((value) => typeof normalize(value) === 'string');
  });
  const [form] = fits;
  if (form === undefined) return null;
  const other = fits.length > 1 ? ` (${fits.slice(1).join(' and ')} fits as well: check it)` : '';
  return { step: { step: 'date', parameter: [form] }, why: `dates as ${form}${other}` };
}

/** Numbers of which some are one number written in several ways. */
function numbers(values: readonly string[], role: ColumnRole): Suggestion | null {
  if (role === 'id' || role === 'date' || role === 'flag') return null;
  if (
    values.length === 0 ||
    !values.every((value) => /^[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(value))
  )
    return null;
  const odd = values.filter((value) => /\.\d*0$|e|^\+|^-?0\d/i.test(value));
  return odd.length === 0 ? null : plain('number', told(odd, 'that can be written in another way'));
}
