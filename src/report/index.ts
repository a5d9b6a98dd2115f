import { output, type Outputs } from './reporter.ts';

export { branchText } from './cause.ts';
export { commandLines } from './command-lines.ts';
export { nameOf, optionText, repeated } from './command.ts';
export { shortKeyOf, shortKeySentence } from './short-key.ts';
export { describeError } from './error.ts';
export { escapeTerminal } from './escape.ts';
export { warningsOfContract } from './issues.ts';
export { clipEnd, clipMiddle, widthOf, wrap } from './width.ts';
export { countKind, withCode } from './wording.ts';
export {
  output,
  reporterOf,
  showing,
  type GateReporter,
  type Outputs,
  type Reporters,
  type Shown,
  type PublicationOptions,
  type PublishDocument,
  type Reporter,
  type ReportOptions,
} from './reporter.ts';
export { fairShare } from './publication-change.ts';
export { placeOf, publicationQuestion } from './publication-words.ts';

/** Every output, for every command: adding one is one file and one line here. */
export const outputs: Outputs = {
  // oxfmt-ignore
  text: { ...output(() => import('./outputs/text.ts'), 'report', 'investigation', 'publication', 'bundle', 'gate'), endings: ['txt'] },
  // oxfmt-ignore
  json: output(() => import('./outputs/json.ts'), 'report', 'investigation', 'publication', 'bundle', 'gate'),
  markdown: {
    ...output(() => import('./outputs/markdown.ts'), 'report', 'publication'),
    endings: ['md'],
  },
  html: {
    ...output(() => import('./outputs/html.ts'), 'report', 'investigation'),
    endings: ['htm'],
  },
  junit: { ...output(() => import('./outputs/junit.ts'), 'report'), endings: ['xml'] },
  sarif: output(() => import('./outputs/sarif.ts'), 'report'),
  github: {
    ...output(() => import('./outputs/github.ts'), 'report'),
    beside: { output: 'markdown', variable: 'GITHUB_STEP_SUMMARY' },
  },
  openmetrics: { ...output(() => import('./outputs/openmetrics.ts'), 'report'), endings: ['prom'] },
  slack: output(() => import('./outputs/slack.ts'), 'report'),
  'accept-yaml': {
    ...output(() => import('./outputs/accept-yaml.ts'), 'proposal'),
    endings: ['yaml', 'yml'],
  },
};
