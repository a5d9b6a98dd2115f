// Git repositories for the benchmark.
import { execFileSync } from 'node:child_process';

/** Makes a repository of a directory, with everything in one commit. */
export function commitAll(directory) {
  const git = (...args) =>
    execFileSync('git', ['-c', 'user.name=b', '-c', 'user.email=b@example.org', ...args], {
      cwd: directory,
      stdio: 'ignore',
    });
  git('init', '--quiet');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'reviewed');
}
