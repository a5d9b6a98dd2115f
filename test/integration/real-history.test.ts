import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bareEnvironment, runJson, temporaryDirectory, writeFiles } from './cli.ts';
import type { JsonFinding } from './cli.ts';
import { realMaterial, withoutMaterial } from './real.ts';

describe.skipIf(withoutMaterial !== '')(
  `the history of a reference table${withoutMaterial}`,
  () => {
    test('the commit that doubled it, header and all, is drift from its parent', async () => {
      const parent = await temporaryDirectory();
      const bundle = join(realMaterial, 'history', 'country-codes.bundle');
      const clone = ['clone', '--quiet', '--bare', bundle, 'history.git'];
      execFileSync('git', clone, { env: bareEnvironment(parent), cwd: parent, stdio: 'pipe' });
      const path = 'data/country-codes.csv';
      const doubled = '192f64555745c6e5ac3372d698b02076229aad8f';
      const location = (ref: string): string => `{repo: history.git, ref: '${ref}', path: ${path}}`;
      await writeFiles(parent, {
        // One country has no code: an empty key is a key here.
        'keydrift.yaml': `version: 1
artifacts:
  countries:
    reviewed: ${location(`${doubled}~1`)}
    runtime: doubled.csv
    key: [{column: ISO3166-1-Alpha-3, optional: true}]
  itself:
    reviewed: ${location(doubled)}
    runtime: doubled.csv
    key: [{column: ISO3166-1-Alpha-3, optional: true}]
`,
        'doubled.csv': execFileSync('git', ['cat-file', 'blob', `${doubled}:${path}`], {
          env: bareEnvironment(parent),
          cwd: join(parent, 'history.git'),
          maxBuffer: 1 << 24,
        }),
      });
      const { report } = await runJson(['audit'], { cwd: parent });
      const [against, itself] = report.artifacts;
      expect(against).toMatchObject({
        verdict: 'drifted',
        state: 'drifted',
        reviewed: { rows: 250, units: 250, redundant: 0 },
        runtime: { rows: 501, units: 251, redundant: 250, invalid: 0 },
        counts: { added: 1, removed: 0, duplicated: 249, invalid: 0 },
      });
      const of = (kind: string, side: string): readonly JsonFinding[] =>
        against!.findings.filter((finding) => finding.kind === kind && finding.side === side);
      expect(of('added', 'runtime').map(({ key }) => key)).toStrictEqual([
        { 'ISO3166-1-Alpha-3': 'ISO3166-1-Alpha-3' },
      ]);
      expect(of('duplicated', 'runtime').length).toBe(249);
      expect(of('conflict', 'runtime').length).toBe(1);
      const repeated = [...of('duplicated', 'runtime'), ...of('conflict', 'runtime')];
      expect(
        repeated.every(({ rowCount }) => rowCount.reviewed === 1 && rowCount.runtime === 2),
      ).toBe(true);
      expect(itself).toMatchObject({
        verdict: 'drifted',
        state: 'identical',
        counts: { added: 0, removed: 0, duplicated: 498, conflict: 2 },
      });
    });

    test('three edits on the doubled table are three edits from it, not hundreds from another', async () => {
      const parent = await temporaryDirectory();
      const bundle = join(realMaterial, 'history', 'country-codes.bundle');
      const env = bareEnvironment(parent);
      execFileSync('git', ['clone', '--quiet', '--bare', bundle, 'history.git'], {
        env,
        cwd: parent,
        stdio: 'pipe',
      });
      const path = 'data/country-codes.csv';
      const doubled = '192f64555745c6e5ac3372d698b02076229aad8f';
      const text = execFileSync('git', ['cat-file', 'blob', `${doubled}:${path}`], {
        env,
        cwd: join(parent, 'history.git'),
        encoding: 'utf8',
        maxBuffer: 1 << 24,
      });
      const lines = text.split('\n');
      const edited = [lines[0]!, ...lines.slice(3), lines[1]!.replace('AFG', 'XX1')];
      edited.push(lines[1]!.replace('AFG', 'XX2'));
      await writeFiles(parent, {
        'keydrift.yaml': `version: 1
artifacts:
  countries:
    reviewed: {repo: history.git, ref: 5440e7656ab91185676b05498caa881fbe11ee75, path: ${path}}
    runtime: edited.csv
    key: [{column: ISO3166-1-Alpha-3, optional: true}]
`,
        'edited.csv': edited.join('\n'),
      });
      const { report } = await runJson(['audit'], { cwd: parent });
      const { cause } = report.artifacts[0] as unknown as {
        cause: { kind: string; commit: string; edits: { total: number } };
      };
      expect(cause).toMatchObject({ kind: 'edited', commit: doubled });
      expect(cause.edits.total).toBeLessThan(8);
    });
  },
);
