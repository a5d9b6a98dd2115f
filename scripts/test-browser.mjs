// Tests the pages of the HTML reports in Debian's Chromium, which it installs where it may.
// Exit codes: 0 passed, or skipped because there is no browser; 1 failed.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';

const vitest = 'node_modules/vitest/vitest.mjs';
const browser = find() ?? (install() ? find() : null);
if (browser === null) {
  console.log(
    'skipped: no Chromium to test the pages in. Install one (apt-get install chromium), or name one in CHROMIUM.',
  );
} else {
  const { status } = spawnSync(
    process.execPath,
    [vitest, 'run', '--config', 'vitest.browser.config.ts', ...process.argv.slice(2)],
    { stdio: 'inherit', env: { ...process.env, CHROMIUM: browser } },
  );
  process.exitCode = status === 0 ? 0 : 1;
}

/** The browser that is there. One that was named and is not there is an error, not a reason to skip. */
function find() {
  const named = process.env['CHROMIUM'];
  if (named !== undefined && named !== '') {
    accessSync(named, constants.X_OK);
    return named;
  }
  return ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(isThere) ?? null;
}

function isThere(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Installs Debian's package; only root can, and only there is it the browser itself. */
function install() {
  if (process.getuid?.() !== 0 || !isDebian()) return false;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return [
    ['update', '-qq'],
    ['install', '-qq', '-y', '--no-install-recommends', 'chromium'],
  ].every((args) => {
    const { status } = spawnSync('apt-get', args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
    return status === 0;
  });
}

function isDebian() {
  try {
    return /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}
