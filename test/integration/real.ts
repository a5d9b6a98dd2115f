import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Data that nobody of this project wrote, beside the repository; it is no part of it. */
export const realMaterial: string = fileURLToPath(
  new URL('../../../shared/real/', import.meta.url),
);

/** Why tests on it are skipped, or empty. */
export const withoutMaterial: string = existsSync(realMaterial)
  ? ''
  : ' (skipped: ../shared/real is not here)';
