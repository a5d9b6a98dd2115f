export { openBundleSource, type BundleSource } from './bundle.ts';
export { bundleJsonSchema, fileName, manifestText } from './manifest.ts';
export { openBundleStore } from './write.ts';
