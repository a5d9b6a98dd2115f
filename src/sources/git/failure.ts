import { KeydriftError, shellQuote, systemLimit } from '../../model/index.ts';
import type { GitExit, GitPlace } from './process.ts';
import { withoutCredentials } from './url.ts';

/** The error for a git call that failed, in words of what keydrift wanted (`reading HEAD`). */
export function gitFailure(place: GitPlace, exit: GitExit, wanted: string): KeydriftError {
  if (exit.startError !== null) return notStarted(exit.startError);
  const said = saidBy(exit);
  const at = shellQuote(place.directory);
  if (exit.stderr.includes('dubious ownership')) return dubiousOwnership(place, exit);
  if (exit.stderr.includes('promisor remote')) {
    return new KeydriftError(
      'GIT_FAILED',
      `${wanted} in ${place.name}: this partial clone lacks the object (${said})`,
      {
        hint: {
          text: 'keydrift writes nothing to a repository, so it does not fetch it. Complete the clone',
          command: `git -C ${at} fetch --refetch --no-filter`,
        },
      },
    );
  }
  return new KeydriftError('GIT_FAILED', `${wanted} in ${place.name}: git failed: ${said}`, {
    hint: { text: 'Check the repository', command: `git -C ${at} fsck` },
  });
}

function notStarted(cause: NodeJS.ErrnoException): KeydriftError {
  if (cause.code === 'ENOENT' || cause.code === 'EACCES') {
    return new KeydriftError('GIT_NOT_INSTALLED', 'the git command cannot be found or started', {
      cause,
      hint: 'Install git, or add its folder to PATH; "git --version" must answer here.',
    });
  }
  const limit = systemLimit(cause);
  if (limit !== null) return limit;
  return new KeydriftError('GIT_FAILED', `git cannot be started: ${cause.message}`, { cause });
}

function dubiousOwnership(place: GitPlace, exit: GitExit): KeydriftError {
  const command = /git config --global --add safe\.directory .*/.exec(exit.stderr)?.[0];
  return new KeydriftError(
    'GIT_DUBIOUS_OWNERSHIP',
    `${place.name}: git refuses this repository because another user owns it`,
    {
      hint: {
        text: 'If you trust it',
        command:
          command ?? `git config --global --add safe.directory ${shellQuote(place.directory)}`,
      },
    },
  );
}

/** The line of stderr that says why: the last `fatal:` or `error:`, without credentials. */
export function saidBy(exit: GitExit): string {
  // A progress line ends with a carriage return.
  const lines = exit.stderr.split(/[\r\n]/).filter((line) => line.trim() !== '');
  const reasons = lines.filter((line) => /^(fatal|error|ERROR|ssh|remote): /.test(line));
  const line = reasons.find((reason) => reason.startsWith('fatal')) ?? reasons.at(-1);
  const ending = exit.code === null ? 'it was killed' : `exit code ${exit.code}`;
  return withoutCredentials(line ?? lines.at(-1) ?? ending);
}
