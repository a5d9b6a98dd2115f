export { openBundleSource } from './bundle.ts';
export { fileName, manifestText } from './manifest.ts';
export { openBundleStore } from './write.ts';
