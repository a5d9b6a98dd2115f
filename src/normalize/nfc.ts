import { plainStep, type Step } from './step.ts';

/** Unicode Normalization Form C: `e` and a combining accent become `é`. */
export const nfc: Step = plainStep('nfc', (value) => value.normalize('NFC'));
