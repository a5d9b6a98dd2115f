import type { Schemes } from '../model/index.ts';
import { bundle } from './bundle/scheme.ts';
import { file } from './file/scheme.ts';
import { git } from './git/scheme.ts';
import { parts } from './parts/scheme.ts';
import { table } from './table/scheme.ts';
import { s3 } from './s3/scheme.ts';
import { stdin } from './stdin.ts';
import { unset } from './unset.ts';

/** Every store, by the kind of its locations: a new one is a folder here, and one line. */
export const schemes: Schemes = { git, file, s3, parts, table, bundle, stdin, unset };

export { openFileSource } from './file/file.ts';
export { readNamed } from './file/named.ts';
export { contentNames, type ContentNames } from './content-names.ts';
export { committing, isWithin } from './git/queries.ts';
