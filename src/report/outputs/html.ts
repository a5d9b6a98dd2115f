/** A page of its own for a browser. */
export { investigationHtml as investigation } from '../html/investigation.ts';
export { html as report } from '../html/report.ts';
