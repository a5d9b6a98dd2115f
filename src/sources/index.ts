export { openFileSource } from './file.ts';
export type { PathContents } from './git/contents.ts';
export { openGitSource } from './git/git.ts';
export { isUrl } from './git/url.ts';
export { blobIds } from './git/blob-id.ts';
