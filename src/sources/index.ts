export { openFileSource } from './file.ts';
export { openGitSource } from './git/git.ts';
export { isUrl } from './git/url.ts';
