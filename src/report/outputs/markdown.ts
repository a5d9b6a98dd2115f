/** For a pull request or a chat. */
export { publicationMarkdown as publication } from '../publication-markdown.ts';
export { markdown as report } from '../markdown.ts';
