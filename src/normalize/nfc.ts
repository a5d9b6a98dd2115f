import { keepsForms, plainStep, type Step } from './step.ts';

/** Characters before the first combining one: all of them are in Form C. */
const inForm = String.raw`^[\x{1}-\x{2FF}]*\z`;

/** Scripts whose composition has been the same in every version of Unicode that an engine may have. */
const settled = String.raw`^[\x{1}-\x{34E}\x{1E00}-\x{1EFF}\x{3041}-\x{3094}\x{4E00}-\x{9FA5}\x{AC00}-\x{D7A3}]*\z`;

/** Unicode Normalization Form C: `e` and a combining accent become `é`. */
export const nfc: Step = plainStep(
  'nfc',
  (value) => value.normalize('NFC'),
  (value, { words }) =>
    words.nfc === null
      ? { value, exact: words.matches(value, inForm) }
      : { value: words.nfc(value), exact: words.matches(value, settled) },
  keepsForms,
);
