import {
  commitRevision,
  copyName,
  faultClass,
  KeydriftError,
  shellQuote,
  type Bundle,
  type BundledCopy,
  type BundleLocation,
  type BundlePlace,
  type PinnedCopy,
  type Source,
  type Stores,
  retold,
} from '../../model/index.ts';
import { isChange, openVerified, type OpenBundle } from './open.ts';

/**
 * Reviewed copies out of bundles. A bundle is read once, and verified whole before anything of it
 * is used: every file must be there and have its sha256. Throws `BUNDLE_NOT_FOUND`,
 * `BUNDLE_INVALID` and `BUNDLE_DAMAGED`; `UNKNOWN_ARTIFACT` for a copy that it does not have.
 */
export type BundleSource = Source<BundleLocation> &
  Required<Pick<Source<BundleLocation>, 'readBundle' | 'versionsInForce'>>;

/** Bundles whose files lie in `stores`; those are not ended with this source. */
export function openBundleSource(stores: Stores): BundleSource {
  const opened = new Map<string, Promise<OpenBundle>>();
  /** The contract of each bundle that was read: what a run judges by stays one. */
  const contracts = new Map<string, string>();
  let closed = false;
  const open = (place: BundlePlace): Promise<OpenBundle> => {
    if (closed) throw new KeydriftError('INTERNAL', 'the bundle source is closed');
    const key = keyOf(place);
    const known = opened.get(key);
    if (known !== undefined) return known;
    const fresh = openVerified(place, stores).then(
      (bundle) => {
        const { sha256 } = bundle.manifest.contract;
        const before = contracts.get(key) ?? sha256;
        contracts.set(key, before);
        if (before !== sha256) throw otherContract(place);
        return bundle;
      },
      (error: unknown) => {
        throw contracts.has(key) ? goneSince(error) : error;
      },
    );
    opened.set(key, fresh);
    return fresh;
  };
  const pin = async (location: BundleLocation): Promise<PinnedCopy> => {
    const bundle = await open(location.place);
    const bundled = bundledCopy(bundle, location);
    const forget = (): boolean => opened.delete(keyOf(location.place));
    return pinBundled(bundle, bundled, location, { isClosed: () => closed, forget });
  };
  return {
    pin,
    async readBundle(place) {
      const { manifest, sha256 } = await open(place);
      return { manifest, sha256 };
    },
    async versionsInForce(location, { since }) {
      const bundle = await open(location.place);
      const { committedAt, versions } = bundledCopy(bundle, location);
      const carried = Date.parse(committedAt) - (bundle.manifest.historySeconds ?? 0) * 1000;
      const inForce = versions.filter(
        ({ replacedAt }) => replacedAt === null || Date.parse(replacedAt) >= since.getTime(),
      );
      return {
        versions: await Promise.all(
          inForce.map(async ({ commit, arrivedAt, replacedAt }) => ({
            copy: await pin({ ...location, arrival: commit }),
            arrivedAt,
            replacedAt,
          })),
        ),
        cutOff: carried > since.getTime(),
      };
    },
    close() {
      closed = true;
      return Promise.resolve();
    },
  };
}

function bundledCopy({ manifest }: Bundle, { artifact, copy, place }: BundleLocation): BundledCopy {
  const ofArtifact = manifest.artifacts.filter((bundled) => bundled.artifact === artifact);
  const bundled =
    ofArtifact.find((one) => one.copy === copy) ?? ofArtifact.find((one) => one.copy === null);
  if (bundled !== undefined) return bundled;
  const names = manifest.artifacts.map((one) => copyName(one.artifact, one.copy));
  throw new KeydriftError(
    'UNKNOWN_ARTIFACT',
    `the bundle ${place.shown} has no reviewed copy for ${copyName(artifact, copy)}`,
    {
      hint: {
        text: `It has: ${names.join(', ')}. Name what to judge, or make the bundle again with all of it`,
        command: `keydrift bundle --out ${shellQuote(place.shown)}`,
      },
    },
  );
}

interface Life {
  readonly isClosed: () => boolean;
  /** The bundle is read again when it is next asked for. */
  readonly forget: () => unknown;
}

/** A verified content; where its file or object is not the verified one any more, `COPY_CHANGED`. */
function pinBundled(
  { contents, sha256 }: OpenBundle,
  bundled: BundledCopy,
  location: BundleLocation,
  life: Life,
): PinnedCopy {
  const name = copyName(bundled.artifact, bundled.copy);
  const version =
    location.arrival === null
      ? bundled
      : bundled.versions.find(({ commit }) => commit === location.arrival);
  const content = version === undefined ? undefined : contents.get(version.file);
  if (version === undefined || content === undefined) {
    throw new KeydriftError(
      'BUNDLE_INVALID',
      `the bundle ${location.place.shown} has no version ${String(location.arrival)} of ${name}`,
    );
  }
  const { commit, blob } = version;
  const committedAt = 'arrivedAt' in version ? version.arrivedAt : version.committedAt;
  const revision = commitRevision({ commit, committedAt, blob });
  const { shown, sha256: pin } = location.place;
  const against = `bundle:${shown}${pin === undefined ? '' : `#sha256=${pin}`}`;
  return {
    location: `bundle:${shown}#${name}`,
    path: bundled.path,
    revision: {
      ...revision,
      facts: { manifest: sha256, ...revision.facts },
      text: `${revision.text}, bundle ${sha256.slice(0, 7)}`,
      against,
    },
    bytes: content.bytes,
    async *open(range) {
      if (life.isClosed()) throw new KeydriftError('INTERNAL', 'the bundle source is closed');
      try {
        yield* content.open(range);
      } catch (error) {
        if (isChange(error)) life.forget();
        throw error;
      }
    },
  };
}

function keyOf({ folder, sha256 }: BundlePlace): string {
  return JSON.stringify([folder, sha256 ?? null]);
}

/** A bundle that was there and is gone is no bundle that never was: nothing was established. */
function goneSince(error: unknown): unknown {
  if (!(error instanceof KeydriftError) || faultClass(error) !== 'absent') return error;
  const message = `${error.message} any more`;
  return retold(error, { code: 'BUNDLE_CHANGED', message, cause: error });
}

function otherContract(place: BundlePlace): KeydriftError {
  return new KeydriftError(
    'BUNDLE_CHANGED',
    `the bundle ${place.shown} was replaced, while it was read, by one with another contract`,
    { hint: 'Somebody is deploying it right now. Run it again.' },
  );
}
