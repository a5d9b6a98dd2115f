import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { plainGit } from '../plain-git.ts';

/** The environment of git in tests: nobody's configuration. */
export const isolated: Readonly<Record<string, string | undefined>> = {
  PATH: process.env['PATH'],
  HOME: '/nonexistent',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'A. Author',
  GIT_AUTHOR_EMAIL: 'author@example.org',
  GIT_COMMITTER_NAME: 'C. Committer',
  GIT_COMMITTER_EMAIL: 'committer@example.org',
};

/** Whose repositories are those of tests: git is not asked whether it trusts them (`git-trust.test.ts`). */
export const userId: number = process.geteuid!();

/** A temporary directory by its real name, and how to remove it. */
export interface Scratch {
  readonly path: string;
  remove(): void;
}

export function scratch(): Scratch {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'keydrift-test-')));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export interface TestRepository {
  readonly root: string;
  /** Runs git there and gives its output, trimmed. */
  git(...args: readonly string[]): string;
  write(path: string, content: string | Uint8Array): string;
  /** Commits all that is there; `date` as git reads it. Gives the commit's id. */
  commit(subject: string, date?: string): string;
}

export function git(directory: string, args: readonly string[], date?: string): string {
  const dates = date === undefined ? {} : { GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date };
  const plain = plainGit(directory, args, { ...isolated, ...dates });
  if (plain !== null) return plain;
  return execFileSync('git', ['-C', directory, '-c', 'maintenance.auto=false', ...args], {
    env: { ...isolated, ...dates },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim();
}

/** An empty repository with the branch `main`. */
export function makeRepository(root: string): TestRepository {
  mkdirSync(root, { recursive: true });
  git(root, ['init', '--quiet', '--template=', '--initial-branch=main']);
  return {
    root,
    git: (...args) => git(root, args),
    write(path, content) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
      return join(root, path);
    },
    commit(subject, date) {
      git(root, ['add', '--all']);
      git(root, ['commit', '--quiet', '--allow-empty', '--message', subject], date);
      return git(root, ['rev-parse', 'HEAD']);
    },
  };
}
