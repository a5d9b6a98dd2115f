import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { defaults, type Registries } from '../src/judge/registries.ts';
import type {
  ByteSource,
  FindingKind,
  Format,
  Location,
  PinnedCopy,
  Scheme,
  Table,
} from '../src/model/index.ts';
import { output, type Reporter } from '../src/report/index.ts';
import { bareEnvironment, makeRepository } from './integration/cli.ts';
import { runInProcess } from './integration/in-process.ts';

/*
 * What is handed in beside what keydrift comes with, each in one module: a format, a store, an output
 * and a kind of finding, all of them in one call of the program.
 */

/** A format: a record a line, key and value around a colon. */
const pairs: Format = {
  name: 'pairs',
  endings: { '.pairs': {} },
  async open(source): Promise<Table> {
    const rows = await linesOf(source);
    const show: Table['reread'] = (records, sink) => {
      for (const record of records) {
        const cells = rows[record - 1]!.split(':');
        const text = (column: number): string => cells[column] ?? '';
        sink({ record, place: place(record), width: cells.length, text, shown: text });
      }
      return Promise.resolve();
    };
    const place = (record: number): { line: number; text: string } => ({
      line: 0,
      text: `pair ${record}`,
    });
    return {
      columns: ['id', 'mode'],
      warnings: [],
      async read(sink) {
        await show(
          Uint32Array.from(rows, (_, index) => index + 1),
          sink,
        );
        return [];
      },
      reread: show,
      place,
      close: () => Promise.resolve(),
    };
  },
};

async function linesOf(source: ByteSource): Promise<readonly string[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source.open()) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8').trim().split('\n');
}

/** A store: one shelf. */
interface ShelfLocation extends Location {
  readonly kind: 'shelf';
  readonly name: string;
}

const shelved = 'P-1:full\nP-2:full\nP-2:full\n';
const shelf: Scheme<ShelfLocation> = {
  written: {
    prefix: 'shelf:',
    form: 'shelf:NAME',
    parse: (text) => ({ kind: 'shelf', name: text.slice('shelf:'.length) }),
  },
  textOf: ({ name }) => `shelf:${name}`,
  nameOf: ({ name }) => name,
  open: () =>
    Promise.resolve({
      pin: ({ name }) => Promise.resolve(onShelf(name)),
      close: async () => undefined,
    }),
};

function onShelf(name: string): PinnedCopy {
  const bytes = Buffer.from(shelved);
  return {
    location: `shelf:${name}`,
    revision: {
      facts: { place: '3' },
      at: '2026-01-01T00:00:00.000Z',
      short: 'place 3',
      text: 'place 3 of the shelf',
      word: 'place:3',
      content: '3',
    },
    bytes: bytes.length,
    async *open({ start, end } = { start: 0, end: bytes.length }) {
      yield bytes.subarray(start, end);
    },
  };
}

/** An output: one line a finding. */
const lines: Reporter = function* lines({ artifacts }) {
  for (const { name, findings } of artifacts) {
    for (const { kind, key } of findings) yield `${name} ${kind} ${key?.[0]?.[1] ?? '-'}\n`;
  }
};

const registries: Registries = {
  ...defaults,
  formats: { ...defaults.formats, pairs },
  schemes: { ...defaults.schemes, shelf },
  outputs: { ...defaults.outputs, lines: output(async () => ({ report: lines }), 'report') },
  kinds: {
    twin: {
      words: ({ runtime }) => `twins in the ${runtime} copy`,
      meaning: 'Two rows of one unit.',
      sides: ['runtime'],
      names: 'unit',
      policy: 'fail',
      between: [],
      refusal: 'twins are never agreed on',
      work: null,
      find: ({ keys, keyColumns }) =>
        keys
          .filter(({ runtime }) => runtime.count === 2)
          .map(({ key, reviewed, runtime }) => ({
            kind: 'twin' as FindingKind,
            side: 'runtime',
            severity: 'fail',
            key: keyColumns.map((column, at) => [column, key[at] ?? ''] as const),
            fields: [],
            reason: null,
            rowCount: { reviewed: reviewed.count, runtime: runtime.count },
            rows: runtime.shown,
            respelled: null,
          })),
    },
  },
};

test('a format, a store, an output and a kind work together, each one module', async () => {
  const cwd = await makeRepository({
    'keydrift.yaml':
      'version: 1\nartifacts:\n  p: {reviewed: p.csv, runtime: "shelf:p.pairs", key: [id]}\n',
    'p.csv': 'id,mode\nP-1,full\nP-2,full\n',
  });
  const call = (...words: readonly string[]): ReturnType<typeof runInProcess> =>
    runInProcess({ words, cwd, environment: bareEnvironment(cwd), registries });
  const told = await call('audit', '--no-cause', '--format', 'lines', '-o', 'json:all.json');
  expect(told).toEqual({ code: 1, stdout: 'p duplicated P-2\np twin P-2\n', stderr: '' });
  const [artifact] = JSON.parse(await readFile(join(cwd, 'all.json'), 'utf8')).artifacts;
  expect(artifact.runtime).toMatchObject({ location: 'shelf:p.pairs', rows: 3, units: 2 });
  expect(artifact.counts).toMatchObject({ duplicated: 1, twin: 1 });
  expect(artifact.findings.at(-1).rows[0]).toMatchObject({ record: 2, line: 0, place: 'pair 2' });
  const text = await call('audit', '--no-cause');
  expect(text.stdout).toContain('twin (1)  twins in the runtime copy');
  expect(text.stdout).toContain('place 3 of the shelf');
  const gate = await call('run', 'p', '--', 'echo', 'ran');
  expect(gate).toMatchObject({ code: 121, stdout: '' });
  const explained = await call('help', 'twin');
  expect(explained.stdout).toContain('Two rows of one unit.');
  const help = await call('audit', '--help');
  expect(help.stdout).toMatch(/text,\s+json,\s+markdown,\s+html,[\s\w,]+\blines\b/);
});
