import { defaultLimits, type FormatWarning, type ScanPlan, type Table } from '../model/index.ts';
import { type Engine, type KeySet, type HowToReduce } from './port.ts';

let kernel: Engine | null = null;

/** The engines by which copies are read, the fastest first; the last takes everything. */
const engines: readonly { readonly name: string; readonly load: () => Promise<Engine> }[] = [
  // Each import of a part makes an object of all its names.
  {
    name: 'kernel',
    load: async () => (kernel ??= (await import('./kernel/engine.ts')).kernelEngine),
  },
  { name: 'reference', load: async () => (await import('./reference/reference.ts')).reference },
];

/**
 * Reduces a table by the first engine that takes it and does not give up; comparable with `against`
 * where that engine read it. Throws content errors of the cells that decide.
 */
export async function reduceTable(
  table: Table,
  plan: ScanPlan,
  { compile, against, keep, limits = defaultLimits }: HowToReduce,
): Promise<KeySet> {
  const warnings: FormatWarning[] = [];
  for (const [at, { name, load }] of engines.entries()) {
    // One that gave up on the other copy would have to be asked in vain.
    const mayCompare = against === null || against.engine === name;
    if (!mayCompare && at < engines.length - 1) continue;
    const engine = await load();
    const reduce = engine.start(table, plan, {
      compile,
      against: mayCompare ? against : null,
      keep,
      limits,
    });
    if (reduce === null) continue;
    const found = await reduce();
    if ('plan' in found) {
      return warnings.length === 0
        ? found
        : { ...found, warnings: [...found.warnings, ...warnings] };
    }
    warnings.push({ code: 'SLOW_ENGINE', message: found.gaveUp, line: null });
  }
  throw new Error('no engine took the table');
}
