import type { Format } from '../model/index.ts';
import { csv } from './csv/csv.ts';

/** Every file format by name. */
export const formats: { readonly csv: Format } = { csv };
