import {
  nearestHint,
  quote,
  type NormalizationStep,
  type StepParameter,
  type StepShape,
} from '../model/index.ts';
import type { ContractFile, Data, Path } from './file.ts';
import { allSaid, merged, type Layers } from './draft.ts';

/** Column → its steps in order; steps that are not in the table of steps are reported. */
export function readNormalize(
  layers: Layers,
  steps: readonly StepShape[],
): ReadonlyMap<string, readonly NormalizationStep[]> {
  return merged(allSaid(layers, 'normalize'), (items, { file, path }, column) =>
    items.flatMap((item, index) =>
      item === undefined ? [] : readStep(file, item, steps, [...path, column, index]),
    ),
  );
}

/** One step, or none where it was reported. */
function readStep(
  file: ContractFile,
  item: Data,
  steps: readonly StepShape[],
  path: Path,
): readonly NormalizationStep[] {
  const written = writtenStep(item);
  if (written === null) {
    file.report(path, 'expected a step: its name, or a map of its name and its parameter');
    return [];
  }
  const { name } = written;
  const shape = steps.find((step) => step.name === name);
  if (shape === undefined) {
    const known = steps.map((step) => step.name);
    const shown = typeof item === 'string' ? (file.written(path) ?? name) : name;
    file.report(path, `${quote(shown)} is not a normalization step`, nearestHint(name, known));
    return [];
  }
  if (typeof item === 'string') {
    if (shape.parameter === null || shape.parameter.optional === true) {
      return [{ step: name, parameter: null }];
    }
    const expected = shape.parameter.expected;
    file.report(path, `${name} needs a parameter: ${expected}`, `Write {${name}: …}.`);
    return [];
  }
  if (shape.parameter === null) {
    file.report(path, `${name} takes no parameter`, `Write ${name}.`);
    return [];
  }
  const at = [...path, name];
  const parameter = readParameter(file, written.parameter, at);
  if (file.isReported(at)) return [];
  if (shape.parameter.accepts(parameter)) return [{ step: name, parameter: copied(parameter) }];
  file.report(at, `${name} expects ${shape.parameter.expected}`, quoteHint(parameter));
  return [];
}

/** A step as it is written: `trim`, or `{decimal: 2}`; null for anything else. */
function writtenStep(item: Data): { name: string; parameter?: Data | undefined } | null {
  if (typeof item === 'string') return { name: item };
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return null;
  const [entry, ...others] = Object.entries(item);
  if (entry === undefined || others.length > 0) return null;
  return { name: entry[0], parameter: entry[1] };
}

/** In a list of texts, YAML's own NULL is meant as the text: `{empty: [NULL, "-"]}` (SPEC §3). */
function readParameter(file: ContractFile, value: Data | undefined, path: Path): unknown {
  if (!Array.isArray(value)) return value;
  return value.map((item, index) => (item === null ? file.written([...path, index]) : item));
}

function copied(parameter: StepParameter): StepParameter {
  return typeof parameter === 'object' ? [...parameter] : parameter;
}

function quoteHint(parameter: unknown): string | null {
  return Array.isArray(parameter) && parameter.some(isUnquoted)
    ? 'Put every text in quotes.'
    : null;
}

function isUnquoted(item: unknown): boolean {
  return typeof item === 'number' || typeof item === 'boolean';
}
