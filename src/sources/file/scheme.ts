import { basename, dirname, join, resolve } from 'node:path';
import type { FileLocation, Scheme } from '../../model/index.ts';

const prefix = 'file:';

/** Plain files of this machine. */
export const file: Scheme<FileLocation> = {
  written: {
    prefix,
    form: 'file:PATH',
    parse(text, { directory, fault }) {
      const rest = text.slice(prefix.length);
      // file:///a%20b is a URL to some and a path to others: only where both mean the same.
      if (rest.startsWith('//') && (!rest.startsWith('///') || /[%?#]/.test(rest))) {
        throw fault('expected file:PATH', 'For an absolute path: file:/PATH.');
      }
      const path = rest.replace(/^\/\/+/, '/');
      if (path === '') throw fault('no path', 'Write file:PATH.');
      if (path.endsWith('/')) throw fault('names a directory', 'Name a file.');
      if (path.includes('//')) throw fault('holds "//", which no path does');
      return at(resolve(directory, path));
    },
  },
  bare: { side: 'runtime', at },
  textOf: ({ path }) => path,
  nameOf: ({ path }) => basename(path),
  around: ({ path }) => ({ root: at(dirname(path)), prefix: '' }),
  asFolder: (root) => ({ root, prefix: '' }),
  within: ({ root, prefix: before }, name) => at(join(root.path, before, name)),
  pathOf: ({ path }) => path,
  open: async () => (await import('./file.ts')).openFileSource(),
};

function at(path: string): FileLocation {
  return { kind: 'file', path };
}
