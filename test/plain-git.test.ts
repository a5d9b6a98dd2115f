import fc from 'fast-check';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { plainGit } from './plain-git.ts';
import { isolated, scratch } from './sources/git-fixture.ts';
import { scaled } from './runs.ts';

const dated = {
  ...isolated,
  GIT_AUTHOR_DATE: '2026-01-02T03:04:05Z',
  GIT_COMMITTER_DATE: '@1767323046 +0000',
};

function realGit(directory: string, ...args: readonly string[]): string {
  return execFileSync('git', args, { cwd: directory, env: dated, encoding: 'utf8' }).trim();
}

const path = fc.constantFrom(
  'a',
  'a.b',
  'a-b',
  'b/c',
  'b/c d',
  'b.c',
  'ä/é',
  'b/d/e.csv',
  'z0/run',
);
const files = fc.dictionary(path, fc.string({ maxLength: 40 }), { minKeys: 1, maxKeys: 6 });

test('what is written without git is what git would have written', () => {
  const steps = fc.array(fc.tuple(files, fc.boolean(), fc.boolean()), {
    minLength: 1,
    maxLength: 3,
  });
  const check = fc.property(steps, fc.boolean(), (given, ignores) => {
    const [plain, real] = [scratch(), scratch()];
    try {
      expect(plainGit(plain.path, ['init', '--quiet'], dated)).toBe('');
      realGit(real.path, 'init', '--quiet', '--initial-branch=main');
      for (const [content, executable, link] of given) {
        for (const { path: root } of [plain, real]) {
          if (ignores) writeFileSync(join(root, '.gitignore'), 'run\nb.c\n');
          rmSync(join(root, 'b'), { recursive: true, force: true });
          rmSync(join(root, 'link'), { force: true });
          for (const [name, text] of Object.entries(content)) {
            mkdirSync(dirname(join(root, name)), { recursive: true });
            writeFileSync(join(root, name), text);
            chmodSync(join(root, name), executable ? 0o755 : 0o644);
          }
          if (link) symlinkSync('a', join(root, 'link'));
        }
        const commit = ['commit', '--quiet', '--allow-empty', '--message', 'a change'];
        for (const args of [['add', '--all'], commit]) {
          expect(plainGit(plain.path, args, dated)).toBe('');
          realGit(real.path, ...args);
        }
      }
      expect(plainGit(plain.path, ['rev-parse', 'HEAD'], dated)).toBe(
        realGit(real.path, 'rev-parse', 'HEAD'),
      );
      expect(realGit(plain.path, 'status', '--porcelain')).toBe('');
      expect(realGit(plain.path, 'fsck', '--strict', '--full')).toBe('');
    } finally {
      plain.remove();
      real.remove();
    }
  });
  const ignored = { 'z0/run': '1', 'b.c': '2', a: '3' };
  fc.assert(check, { numRuns: scaled(8), examples: [[[[ignored, false, false]], true]] });
});

test.each([
  ['.gitattributes', ['add', '--all']],
  ['inner/.git/HEAD', ['add', '--all']],
  ['a', ['commit', '--quiet', '--message', 'nothing new']],
  ['a', ['commit', '--quiet', '--amend']],
  ['a', ['rev-parse', 'HEAD~1']],
  ['.gitignore', ['add', '--all'], '*.tmp\n'],
  ['.gitignore', ['add', '--all'], 'kept\n'],
  ['.gitignore', ['add', 'run'], 'run\n'],
  ['inner/.gitignore', ['add', '--all'], 'run\n'],
])('%s, %j: git itself is asked', (name, args, content = '') => {
  const place = scratch();
  try {
    plainGit(place.path, ['init', '--quiet'], dated);
    writeFileSync(join(place.path, 'kept'), '');
    plainGit(place.path, ['add', '--all'], dated);
    plainGit(place.path, ['commit', '--quiet', '--message', 'first'], dated);
    mkdirSync(dirname(join(place.path, name)), { recursive: true });
    writeFileSync(join(place.path, name), content);
    expect(plainGit(place.path, args, dated)).toBeNull();
  } finally {
    place.remove();
  }
});
