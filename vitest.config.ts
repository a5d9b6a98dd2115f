import { defineConfig, type ViteUserConfig } from 'vitest/config';

const config: ViteUserConfig = defineConfig({
  define: { KEYDRIFT_VERSION: JSON.stringify('0.0.0-test') },
  test: {
    include: ['test/**/*.test.ts'],
    // They need a browser: npm run test:browser.
    exclude: ['test/browser/**'],
    // Files share a worker's modules: loading them again took longer than most tests.
    isolate: false,
    globalSetup: ['test/global-setup.ts'],
    // Tests mostly wait for servers, git and the built CLI: one worker would leave a core idle.
    maxWorkers: 3,
    // They wait for events, and a slow machine is no failure.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});

export default config;
