import { isUtf8 } from 'node:buffer';
import type { PlannedColumn } from '../../model/index.ts';
import type { CompileSteps } from '../row.ts';
import type { Kernel } from './kernel.ts';
import type { NormalizeOnHost } from './module.ts';

const UNREADABLE = -1;
const TOO_LONG = -2;

/** The slow road of one cell: the steps as `normalize/` has them, on the text of its bytes. */
export function hostNormalizer(
  kernel: Kernel,
  columns: readonly PlannedColumn[],
  compile: CompileSteps,
): NormalizeOnHost {
  const normalizers = columns.map(({ steps }) => compile(steps));
  return (column, at, length, limit) => {
    const bytes = Buffer.from(kernel.exports.memory.buffer, at, length);
    const normalize = normalizers[column];
    if (normalize === null || normalize === undefined || !isUtf8(bytes)) return TOO_LONG;
    const normal = normalize(bytes.toString('utf8'));
    if (typeof normal !== 'string') return UNREADABLE;
    const size = Buffer.byteLength(normal);
    if (at + size > limit) return TOO_LONG;
    return Buffer.from(kernel.exports.memory.buffer, at, size).write(normal, 'utf8');
  };
}
