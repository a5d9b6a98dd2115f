import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** The HTML reports' pages in a real browser: npm run test:browser. */
const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/browser/**/*.test.ts'],
    globalSetup: ['test/global-setup.ts'],
    // One browser at a time: each has a core to itself.
    maxWorkers: 1,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});

export default config;
