// A repository with a contract of two tables that differ, for programs that are tried by themselves.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export function makeRepository(directory) {
  mkdirSync(directory);
  writeFileSync(join(directory, 'r.csv'), 'id,mode\nP-1,full\n');
  writeFileSync(join(directory, 'd.csv'), 'id,mode\nP-1,full\nP-1,full\n');
  const contract = 'version: 1\nartifacts: {p: {reviewed: r.csv, runtime: d.csv, key: [id]}}\n';
  writeFileSync(join(directory, 'keydrift.yaml'), contract);
  const who = ['-c', 'user.name=T', '-c', 'user.email=t@example.org'];
  for (const words of [
    ['init', '--quiet'],
    ['add', '.'],
    ['commit', '--quiet', '--message', 'Start'],
  ]) {
    execFileSync('git', [...who, ...words], { cwd: directory });
  }
  return directory;
}
