import { copyName, type BundleLocation, type Scheme } from '../../model/index.ts';

/** Reviewed copies that a bundle carries: `--against bundle:…`. */
export const bundle: Scheme<BundleLocation> = {
  textOf: ({ place, artifact, copy }) => `bundle:${place.shown}#${copyName(artifact, copy)}`,
  nameOf: ({ artifact }) => artifact,
  forCopy: (location, { name }) => ({ ...location, copy: name }),
  async open({ stores }) {
    const { openBundleSource } = await import('./bundle.ts');
    return openBundleSource(stores);
  },
};
