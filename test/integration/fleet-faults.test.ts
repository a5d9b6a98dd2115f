import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { defaults } from '../../src/judge/registries.ts';
import { s3Within } from '../../src/sources/s3/scheme.ts';
import { dividedLimits } from '../../src/sources/s3/transport.ts';
import { bareEnvironment, cliPath, makeRepository, type JsonReport } from './cli.ts';
import { runInProcess } from './in-process.ts';
import { faultBucket, setFaultStage } from './stage.ts';
import { requires, shared } from '../servers/start.ts';

/* A whole fleet by one glob, on a store that has a bad day: what drifted is told, and nothing else. */

const size = Number(process.env['KEYDRIFT_TEST_FLEET'] ?? 150);
/** Of the larger fleet, whose stalls are waited for longer. */
const longest = size > 150 ? 900_000 : 120_000;

const contract = `version: 1
artifacts:
  lookups:
    reviewed: support/**/*.csv
    runtime: s3://${faultBucket}/in/
    key: [id]
    consumes: [mode, weight]
    normalize: {weight: [integer]}
`;

const header = 'id,mode,weight\n';
const rows = (name: string): readonly string[] =>
  Array.from({ length: 8 }, (_, at) => `${name}-${at},full,${at}\n`);

/** Ways to drift, and the state that each makes. */
const ways: Readonly<
  Record<
    string,
    readonly [state: string, kind: string | null, make: (name: string) => string | null]
  >
> = {
  added: ['drifted', 'added', (name) => `${header}${rows(name).join('')}new,full,1\n`],
  removed: ['drifted', 'removed', (name) => header + rows(name).slice(1).join('')],
  duplicated: ['drifted', 'duplicated', (name) => header + [...rows(name), rows(name)[0]].join('')],
  conflict: [
    'drifted',
    'conflict',
    (name) => header + rows(name).join('').replace('full', 'delta'),
  ],
  invalid: ['drifted', 'invalid', (name) => header + rows(name).join('').replace(/7\n$/, 'x\n')],
  missing: ['missing', null, () => null],
  unreadable: ['unreadable', null, (name) => `id,mode\n${rows(name).join('')}`],
  quote: ['unreadable', null, (name) => `${header}"${rows(name).join('')}`],
  empty: ['drifted', 'bounds', () => header],
};

/** A fleet of which every 16th has drifted, each in its way; `told` is what an audit has to say. */
function makeFleet(): {
  readonly reviewed: Readonly<Record<string, string>>;
  readonly objects: ReadonlyMap<string, string>;
  readonly told: ReadonlyMap<string, string>;
} {
  const reviewed: Record<string, string> = {};
  const objects = new Map<string, string>();
  const told = new Map<string, string>();
  const kinds = Object.entries(ways);
  for (let at = 0; at < size; at += 1) {
    const path = `t${at % 7}/n${at}`;
    const name = `n${at}`;
    const text = header + rows(name).join('');
    reviewed[`support/${path}.csv`] = text;
    const [, way] = at % 16 === 5 ? kinds[Math.floor(at / 16) % kinds.length]! : [null, null];
    const body = way === null ? text : way[2](name);
    if (body !== null) objects.set(`in/${path}.csv`, body);
    if (way !== null) told.set(`lookups.${path.replace('/', '.')}`, `${way[0]} ${way[1] ?? ''}`);
  }
  objects.set('in/t1/nobody.csv', `${header}x,full,1\n`);
  told.set('lookups.t1.nobody', 'unreviewed ');
  return { reviewed, objects, told };
}

describe('a fleet', () => {
  const stage = setFaultStage();
  const fleet = makeFleet();
  const put = (): void => {
    for (const [key, body] of fleet.objects) {
      stage.server.putObject({ bucket: faultBucket, key, body: Buffer.from(body) });
    }
  };

  test(
    `${size} artifacts under 503s, resets and stalls: exactly what drifted, and no request too many`,
    async () => {
      put();
      const cwd = await makeRepository({ 'keydrift.yaml': contract, ...fleet.reviewed });
      const { faults } = stage.server;
      const on = (key: RegExp): object => ({ operation: 'GetObject', key });
      const struck = [
        faults.add({ on: { operation: 'ListObjectsV2' }, fault: { kind: 'slow-down' }, times: 1 }),
        ...Array.from({ length: 10 }, (_, at) => [
          faults.add({
            on: on(new RegExp(`/n${at}1\\.csv$`)),
            fault: { kind: 'slow-down' },
            times: 1,
          }),
          faults.add({ on: on(new RegExp(`/n${at}3\\.csv$`)), fault: { kind: 'reset' }, times: 1 }),
          faults.add({
            on: on(new RegExp(`/n${at}7\\.csv$`)),
            fault: { kind: 'reset-body', afterBytes: 40 },
            times: 1,
          }),
          faults.add({
            on: on(new RegExp(`/n${at}9\\.csv$`)),
            fault: { kind: 'stall', afterBytes: 40 },
            times: 1,
          }),
        ]).flat(),
      ];
      // A stall has to be waited out: as long as it takes to tell it from a busy machine.
      const schemes = {
        ...defaults.schemes,
        s3: s3Within(dividedLimits(size > 150 || shared !== undefined ? 2 : 15)),
      };
      const { code, stdout } = await runInProcess({
        words: ['audit', '--no-cause', '--format', 'json', '--max-findings', '5'],
        cwd,
        environment: { ...bareEnvironment(cwd), ...stage.env, AWS_MAX_ATTEMPTS: '4' },
        registries: { ...defaults, schemes },
      });
      const report: JsonReport = JSON.parse(stdout);
      expect(report.error).toBeNull();
      const told = report.artifacts.flatMap((one) => {
        if (one.verdict === 'in-sync') return [];
        const kinds = Object.entries(one.counts).flatMap(([name, count]) =>
          count > 0 ? [name] : [],
        );
        // The last of its kinds tells the ways apart.
        const fault = one.state === 'indeterminate' ? one.error?.code : null;
        const kind = kinds.at(-1) ?? fault ?? '';
        return [[one.name, `${one.state} ${kind}`] as const];
      });
      expect(new Map(told)).toStrictEqual(fleet.told);
      expect({ code, artifacts: report.artifacts.length }).toStrictEqual({
        code: 1,
        artifacts: size + 1,
      });
      // A listing of 1,000 a page, one GET for each copy, and one more for each that was spoiled.
      const hits = struck.reduce((sum, { hits: number }) => sum + number, 0);
      expect(hits).toBeGreaterThan(30);
      const pages = Math.ceil(fleet.objects.size / 1000);
      requires('a checksum where none was sent');
      expect(stage.server.requests.entries.length).toBe(pages + size + 1 + hits);
    },
    longest,
  );

  test('ended at any moment it leaves a whole report, or none', async () => {
    put();
    const cwd = await makeRepository({ 'keydrift.yaml': contract, ...fleet.reviewed });
    for (const [signal, after] of [
      ['SIGTERM', 30],
      ['SIGKILL', 80],
    ] as const) {
      stage.server.requests.clear();
      stage.server.faults.clear();
      const late = stage.server.faults.add({
        on: { operation: 'GetObject' },
        fault: { kind: 'hang' },
        after,
      });
      const file = `${signal}.json`;
      const child = spawn(process.execPath, [cliPath, 'audit', '-o', `json:${file}`], {
        cwd,
        env: { ...bareEnvironment(cwd), ...stage.env },
        stdio: 'ignore',
      });
      const ended = once(child, 'exit');
      await late.struck;
      child.kill(signal);
      const [code, by] = (await ended) as [number | null, string | null];
      expect(code ?? by).toBe(signal === 'SIGTERM' ? 143 : 'SIGKILL');
      const path = join(cwd, file);
      if (signal === 'SIGKILL') {
        expect(existsSync(path)).toBe(false);
        continue;
      }
      const report: JsonReport = JSON.parse(readFileSync(path, 'utf8'));
      expect(report.artifacts).toHaveLength(size + 1);
      const open = report.artifacts.filter(({ verdict }) => verdict === 'indeterminate');
      expect(open.length).toBeGreaterThan(size / 2);
      expect(new Set(open.map(({ error }) => error?.code))).toStrictEqual(new Set(['INTERRUPTED']));
    }
  });
});
