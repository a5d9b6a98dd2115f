import type { FormatRegistry } from '../model/index.ts';
import { csv } from './csv/csv.ts';

export { chooseFormat } from './choose.ts';
export { decode } from './decode.ts';

/** Every file format by name. */
export const formats: FormatRegistry = { csv };
