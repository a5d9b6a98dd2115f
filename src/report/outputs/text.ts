/** For a person at a terminal. */
export { describeBundle as bundle } from '../bundle.ts';
export { describeGateEvent as gate } from '../gate-text.ts';
export { investigationText as investigation } from '../investigation/text.ts';
export { publicationText as publication } from '../publication-text.ts';
export { text as report } from '../text.ts';
