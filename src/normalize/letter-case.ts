import { plainStep, type Step } from './step.ts';

/** Unicode lower case, of no locale. */
export const lowercase: Step = plainStep('lowercase', (value) => value.toLowerCase());

/** Unicode upper case, of no locale: `ß` becomes `SS`. */
export const uppercase: Step = plainStep('uppercase', (value) => value.toUpperCase());
