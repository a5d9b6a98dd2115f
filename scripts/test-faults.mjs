// The matrix of transport faults with the limits of every day: most of it is waiting, many at a time.
import { spawnSync } from 'node:child_process';

const { status } = spawnSync('npx', ['vitest', 'run', 'test/faults', '--testTimeout', '1800000'], {
  stdio: 'inherit',
  env: { ...process.env, KEYDRIFT_TEST_LIMITS_DIVIDED_BY: '1' },
});
process.exitCode = status ?? 1;
