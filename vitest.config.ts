import { defineConfig, type ViteUserConfig } from 'vitest/config';

const config: ViteUserConfig = defineConfig({
  define: { KEYDRIFT_VERSION: JSON.stringify('0.0.0-test') },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/global-setup.ts'],
    // Tests start servers, git and the built CLI: they wait for events, and a slow machine is no failure.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});

export default config;
