export { openBundleSource, type BundleSource } from './bundle.ts';
export { openDirectoryStore } from './directory.ts';
export { bundledName, bundleJsonSchema, fileName, manifestText } from './manifest.ts';
export { openPrefixStore } from './prefix.ts';
export { placeText } from './place.ts';
export type { BundleContent, BundleStore } from './store.ts';
