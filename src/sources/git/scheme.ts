import { posix, relative } from 'node:path';
import {
  refExpected,
  refPattern,
  shellQuote,
  type GitLocation,
  type Scheme,
} from '../../model/index.ts';
import { isUrl } from './url.ts';

const prefix = 'git:';

/** Files of commits: what is reviewed. */
export const git: Scheme<GitLocation> = {
  written: {
    prefix,
    form: 'git:REF:PATH',
    parse(text, { directory, fault }) {
      const rest = text.slice(prefix.length);
      const colon = rest.indexOf(':');
      if (colon === -1) {
        throw fault('expected git:REF:PATH', 'For the commit that is checked out: git:HEAD:PATH.');
      }
      const ref = rest.slice(0, colon);
      if (!refPattern.test(ref)) {
        throw fault(`expected ${refExpected} after git:`, null, 'GIT_BAD_REF');
      }
      const written = rest.slice(colon + 1);
      // To git, REF:./PATH starts at the working directory: a reader must not find another file.
      if (written.includes('//')) throw fault('holds "//", which no path does');
      const path = /^\.\.?\//.test(written) ? null : repositoryPath(written);
      if (path === null) {
        const hint = 'The path of git:REF:PATH starts at the root of the repository.';
        throw fault('expected a path inside the repository', hint);
      }
      return { kind: 'git', repository: directory, path, ref };
    },
  },
  bare: {
    side: 'reviewed',
    at: (path, within) => ({
      kind: 'git',
      repository: null,
      path,
      ref: null,
      ...(within === null ? {} : { within }),
    }),
  },
  textOf: ({ path, ref }) => (ref === null ? path : `${prefix}${ref}:${path}`),
  nameOf: ({ path }) => posix.basename(path),
  around: (location) => ({
    root: { ...location, path: posix.dirname(location.path) },
    prefix: '',
  }),
  asFolder: (root) => ({ root, prefix: '' }),
  within: ({ root, prefix: before }, name) => ({
    ...root,
    path: posix.join(root.path, before, name),
  }),
  inRepository({ repository, path: written, ref }) {
    const path = repositoryPath(written);
    return path === null ? null : { kind: 'git', repository, path, ref };
  },
  forCopy: (location, { ref }) => (ref === null ? location : committed(location, ref)),
  inWorkingTree: (location) =>
    location.ref !== null || (location.repository !== null && isUrl(location.repository))
      ? null
      : { ...location, state: 'worktree' },
  fetching({ repository, path, within }, directory, what) {
    if (repository !== null && isUrl(repository)) return null;
    const fetch = `${gitIn(relative(directory, within ?? repository ?? posix.dirname(path)))} fetch`;
    return what === 'older' ? `${fetch} --unshallow` : fetch;
  },
  checkingOut({ repository, path, within }, directory, commit, by) {
    if (repository !== null && isUrl(repository)) return null;
    const typed = gitIn(relative(directory, within ?? repository ?? posix.dirname(path)));
    return by === 'pull' ? `${typed} pull` : `${typed} checkout ${commit}`;
  },
  async open({ workingDirectory: directory, ...context }) {
    const { openGitSource } = await import('./git.ts');
    return openGitSource({ ...context, directory });
  },
};

function gitIn(clone: string): string {
  return clone === '' ? 'git' : `git -C ${shellQuote(clone)}`;
}

function committed({ state: _state, ...location }: GitLocation, ref: string): GitLocation {
  return { ...location, ref };
}

/** A path from a repository's root, without `.` and `..` parts; null where it is none. */
function repositoryPath(path: string): string | null {
  if (path === '' || path.startsWith('/') || /\0|\/\//.test(path)) return null;
  const normal = posix.normalize(path);
  const outside = normal === '..' || normal.startsWith('../');
  return outside || normal === '.' || normal.endsWith('/') ? null : normal;
}
