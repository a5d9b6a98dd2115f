import { execFileSync } from 'node:child_process';

/** Integration tests run the built command line: it is built once, before any of them. */
export default function setup(): void {
  execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' });
}
