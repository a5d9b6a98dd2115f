import {
  KeydriftError,
  type FileLocation,
  type Location,
  type PinnedCopy,
  type S3Location,
} from '../model/index.ts';
import type { BundleSource } from '../sources/bundle/index.ts';
import { openFileSource, openGitSource } from '../sources/index.ts';
import type { S3Source } from '../sources/s3/index.ts';
import type { AppContext, Sources } from './context.ts';

export interface SourceOptions {
  /** The run's `--ref`. */
  readonly ref: string;
  readonly cacheDirectory: string;
}

/** The sources of a run. What only S3 or bundles need is loaded when the first of them is pinned. */
export function openSources(context: AppContext, options: SourceOptions): Sources {
  const { environment, workingDirectory: directory } = context;
  const git = openGitSource({ ...options, environment, directory });
  const file = openFileSource();
  let s3: Promise<S3Source> | null = null;
  const openS3 = async (): Promise<S3Source> => {
    const { openS3Source } = await import('../sources/s3/index.ts');
    return openS3Source({ environment });
  };
  const inS3 = (): Promise<S3Source> => (s3 ??= openS3());
  const pinFile = async (location: FileLocation | S3Location): Promise<PinnedCopy> =>
    location.kind === 'file' ? file.pin(location) : (await inS3()).pin(location);
  let bundles: Promise<BundleSource> | null = null;
  const loadBundles = async (): Promise<BundleSource> => {
    const { openBundleSource } = await import('../sources/bundle/index.ts');
    return openBundleSource(pinFile);
  };
  return {
    async pin(location: Location): Promise<PinnedCopy> {
      switch (location.kind) {
        case 'git':
        case 'worktree':
          return git.pin(location);
        case 'file':
        case 's3':
          return pinFile(location);
        case 'bundle':
          return (await (bundles ??= loadBundles())).pin(location);
      }
    },
    pathOf: (location) => git.pathOf(location),
    async bundle(place) {
      return (await (bundles ??= loadBundles())).read(place);
    },
    async mergeBase(location, base) {
      if (location.kind === 'git' || location.kind === 'worktree')
        return git.mergeBase(location, base);
      throw new KeydriftError('USAGE', 'only a reviewed copy in git has a base to compare with');
    },
    async versionsInForce(location, window) {
      if (location.kind === 'git') return git.versionsInForce(location, window);
      if (location.kind !== 'bundle') return { versions: [], cutOff: false };
      return (await (bundles ??= loadBundles())).versionsInForce(location, window);
    },
    contentsOf: (location) => git.contentsOf(location),
    reviewedHistories: (locations) => git.reviewedHistories(locations, context.now()),
    unmergedChanges: (location) => git.unmergedChanges(location),
    blame: (location, lines) => git.blame(location, lines),
    isInHistory: (location, commit) => git.isInHistory(location, commit),
    objectVersions: async (location, window) => (await inS3()).objectVersions(location, window),
    prefixSize: async (location) => (await inS3()).prefixSize(location),
    async close() {
      await bundles?.then((source) => source.close());
      await Promise.all([git.close(), file.close(), s3?.then((source) => source.close())]);
    },
  };
}
