import {
  KeydriftError,
  type Location,
  type PinnedCopy,
  type S3Location,
  type Source,
} from '../model/index.ts';
import { openFileSource, openGitSource } from '../sources/index.ts';
import type { AppContext, Sources } from './context.ts';

export interface SourceOptions {
  /** The run's `--ref`. */
  readonly ref: string;
  readonly cacheDirectory: string;
}

/** The sources of a run. What only S3 needs is loaded when the first S3 location is pinned. */
export function openSources(context: AppContext, options: SourceOptions): Sources {
  const { environment } = context;
  const git = openGitSource({ ...options, environment });
  const file = openFileSource();
  let s3: Promise<Source<S3Location>> | null = null;
  const loadS3 = async (): Promise<Source<S3Location>> => {
    const { openS3Source } = await import('../sources/s3/index.ts');
    return openS3Source({ environment });
  };
  return {
    async pin(location: Location): Promise<PinnedCopy> {
      switch (location.kind) {
        case 'git':
        case 'worktree':
          return git.pin(location);
        case 'file':
          return file.pin(location);
        case 's3':
          return (await (s3 ??= loadS3())).pin(location);
      }
    },
    async mergeBase(location, base) {
      if (location.kind === 'git' || location.kind === 'worktree')
        return git.mergeBase(location, base);
      throw new KeydriftError('USAGE', 'only a reviewed copy in git has a base to compare with');
    },
    contentsOf: (location) => git.contentsOf(location),
    isInHistory: (location, commit) => git.isInHistory(location, commit),
    async close() {
      await Promise.all([git.close(), file.close(), s3?.then((source) => source.close())]);
    },
  };
}
