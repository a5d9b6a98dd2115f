import type { ColumnNormalizer, CompileSteps } from './row.ts';
import type { NormalizationStep, PlannedColumn, ScanPlan } from '../model/index.ts';

/** The step that gives a value under loose reading: of keysets that are made for that, and no contract. */
export const looseStep = 'loose';

const loose: NormalizationStep = { step: looseStep, parameter: null };

/** A plan of the same key under loose reading, and nothing else. */
export function loosePlan({ width, key }: ScanPlan): ScanPlan {
  return { width, key: key.map(looser), consumed: [] };
}

function looser(column: PlannedColumn): PlannedColumn {
  return { ...column, steps: [...column.steps, loose] };
}

/** Compiles the steps of such a plan; `read` gives a value under loose reading. */
export function compileLoose(compile: CompileSteps, read: (value: string) => string): CompileSteps {
  return (steps): ColumnNormalizer => {
    const before = compile(steps.filter(({ step }) => step !== looseStep));
    return (value) => {
      const normal = before === null ? value : before(value);
      return typeof normal === 'string' ? read(normal) : normal;
    };
  };
}
