import { join } from 'node:path';
import type { GitLocation } from '../../src/model/index.ts';
import { openGitSource, type GitSource } from '../../src/sources/git/git.ts';
import { isolated, makeRepository, scratch } from './git-fixture.ts';
import { describeSource } from './port-suite.ts';

interface Made {
  readonly source: GitSource;
  readonly file: string;
  readonly root: string;
  readonly remove: () => Promise<void>;
}

/** A repository with a committed `support/participants.csv`, to be read by `source`. */
async function made(bytes: Uint8Array): Promise<Made> {
  const at = scratch();
  const repository = makeRepository(join(at.path, 'repository'));
  const file = repository.write('support/participants.csv', bytes);
  repository.commit('reviewed');
  const source = openGitSource({
    ref: 'HEAD',
    cacheDirectory: join(at.path, 'cache'),
    environment: isolated,
  });
  return { source, file, root: repository.root, remove: async () => at.remove() };
}

describeSource<GitLocation>(
  'a file of a commit',
  async (bytes) => {
    const { source, file, remove } = await made(bytes);
    const location = { kind: 'git', repository: null, path: file, ref: null } as const;
    return { source, location, absent: { ...location, path: `${file}.gone` }, remove };
  },
  // Smaller blobs are read whole.
  5 * 1024 * 1024 + 17,
);
describeSource<GitLocation>('a file of a remote', async (bytes) => {
  const { source, root, remove } = await made(bytes);
  const path = 'support/participants.csv';
  const location = { kind: 'git', repository: `file://${root}`, path, ref: 'main' } as const;
  return { source, location, absent: { ...location, path: 'gone.csv' }, remove };
});

describeSource<GitLocation>('a file of a working tree', async (bytes) => {
  const { source, file, remove } = await made(bytes);
  const location = {
    kind: 'git',
    repository: null,
    path: file,
    ref: null,
    state: 'worktree',
  } as const;
  return { source, location, absent: { ...location, path: `${file}.gone` }, remove };
});
