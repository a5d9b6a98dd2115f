import { plainStep, type Step } from './step.ts';

/** Takes white space off both ends: Unicode White_Space, line ends and U+FEFF included. */
export const trim: Step = plainStep('trim', (value) => value.trim());

/** Every run of such white space becomes one space, also at the ends. */
export const collapseSpaces: Step = plainStep('collapse-spaces', (value) =>
  value.replace(/\s+/gu, ' '),
);
