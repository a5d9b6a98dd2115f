import { defineConfig, type ViteUserConfig } from 'vitest/config';
import { define, nativeSource } from './test/native-source.ts';

/** Tests of what happens once in a process: each of these files gets modules of its own. */
const alone = ['test/sources/s3/lazy.test.ts', 'test/sources/s3/silence.test.ts'];
/** They need a browser: npm run test:browser. */
const inBrowser = 'test/browser/**';

// They wait for events, and a slow machine is no failure.
const patient = { testTimeout: 120_000, hookTimeout: 120_000 };
const setupFiles = ['test/runs.ts'];

const config: ViteUserConfig = defineConfig({
  test: {
    globalSetup: ['test/global-setup.ts'],
    execArgv: ['--enable-source-maps'],
    // Tests mostly wait for servers, git and the built CLI: one worker would leave a core idle.
    maxWorkers: 3,
    projects: [
      {
        plugins: [nativeSource],
        define,
        test: {
          ...patient,
          setupFiles: [...setupFiles, 'test/starts.ts'],
          name: 'together',
          include: ['test/**/*.test.ts'],
          exclude: [inBrowser, ...alone],
          // Files share a worker's modules: loading them again took longer than most tests.
          isolate: false,
        },
      },
      { define, test: { ...patient, setupFiles, name: 'alone', include: alone } },
    ],
  },
});

export default config;
