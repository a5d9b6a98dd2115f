import { diff, type DiffOptions } from '../../src/commands/diff/diff.ts';
import type { Registries } from '../../src/judge/registries.ts';
import type { Report } from '../../src/model/index.ts';

/** Compares two local files: by `k`, on `v`, unless `options` say otherwise. */
export function diffFiles(
  directory: string,
  [reviewed, runtime]: readonly [string, string],
  options: Partial<DiffOptions> = {},
  registries?: Registries,
): Promise<Report> {
  const context = {
    version: 'test',
    ...(registries === undefined ? {} : { registries }),
    workingDirectory: directory,
    environment: {},
    now: () => new Date(0),
    progress: () => undefined,
  };
  return diff(context, {
    reviewed: `file:${reviewed}`,
    runtime: `file:${runtime}`,
    key: ['k'],
    consumes: ['v'],
    descriptive: [],
    ref: 'HEAD',
    access: { endpoint: null, region: null, profile: null, expectedOwner: null, anonymous: false },
    failOn: null,
    enforced: true,
    cacheDirectory: directory,
    ...options,
  });
}
