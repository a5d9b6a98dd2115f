import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runInProcess } from '../integration/in-process.ts';

/* What real exporters write, against what people review: by the words of the contract. */

const directory = mkdtempSync(join(tmpdir(), 'keydrift-dialects-'));
afterAll(() => rmSync(directory, { recursive: true }));

const reviewed = 'id,mode,note\nP-1,full,"a|b, c\\d"\nP-2,,x\nP-3,delta,"two\nlines"\n';

async function audited(words: string, runtime: string) {
  writeFileSync(join(directory, 'reviewed.csv'), reviewed);
  writeFileSync(join(directory, 'runtime.txt'), runtime);
  const contract = `version: 1\nartifacts:\n  p:\n    reviewed: 'file:reviewed.csv'\n    key: [id]\n${words.replace(/^/gm, '    ')}\n`;
  writeFileSync(join(directory, 'keydrift.yaml'), contract);
  const { stdout } = await runInProcess({
    words: ['audit', '--format', 'json'],
    cwd: directory,
    environment: {},
  });
  const { artifacts, error } = JSON.parse(stdout) as {
    artifacts: {
      state: string;
      error: { code: string; message: string; hint: string | null } | null;
      findings: { kind: string; key: { id: string } | null; reason: string | null }[];
    }[];
    error: unknown;
  };
  expect(error).toBe(null);
  const { state, error: fault, findings } = artifacts[0]!;
  return { state, code: fault?.code ?? null, hint: fault?.hint ?? '', findings };
}

test.each([
  [
    'Athena UNLOAD: Ctrl-A, no header, no quotes, \\N',
    `runtime: {url: runtime.txt, csv: {delimiter: "\\u0001", quote: false, names: [id, mode, note]}, normalize: {mode: [{empty: ['\\N']}]}, consumes: [mode]}`,
    'P-1\u0001full\u0001a|b, c\\d\nP-2\u0001\\N\u0001x\nP-3\u0001delta\u0001two\n',
  ],
  [
    'Snowflake and MySQL: the sign before a quote in quotes',
    `runtime: {url: runtime.txt, csv: {escape: "\\\\"}}`,
    '"id","mode","note"\n"P-1","full","a|b, c\\\\d"\n"P-2","","x"\n"P-3","delta","two\nlines"\n',
  ],
  [
    'Redshift UNLOAD with ESCAPE: no quotes, the sign before delimiters, line breaks and itself',
    `runtime: {url: runtime.txt, csv: {delimiter: "|", quote: null, escape: "\\\\"}, normalize: {mode: [{empty: ['\\N']}]}}`,
    'id|mode|note\nP-1|full|a\\|b, c\\\\d\nP-2|\\N|x\nP-3|delta|two\\\nlines\n',
  ],
])('%s', async (_name, words, runtime) => {
  expect(await audited(words, runtime)).toMatchObject({ state: 'equivalent', code: null });
});

test.each([
  ['in a value', '"a \\"b\\" c"'],
  ['at its start', '"\\"b\\" c"'],
  ['at its end: the trouble is seen in a later value', '"5\\""'],
  ['at the end of the last one: it is never closed', 'x', '"5\\""'],
])(
  'a quote that a backslash escapes, %s: told what to say, and that is true',
  async (_, ...notes) => {
    const [first = '', last = 'x'] = notes;
    const runtime = `id,mode,note\nP-1,full,${first}\nP-2,,"x"\nP-3,delta,${last}\n`;
    const { code, hint } = await audited('runtime: runtime.txt\nconsumes: [mode]', runtime);
    expect(code).toMatch(/^CSV_(?:TEXT_AFTER|UNCLOSED)_QUOTE$/);
    const [, said] = /say `(csv: \{.*\})`/.exec(hint) ?? [];
    expect(said).toBeDefined();
    const words = `runtime: {url: runtime.txt, ${said}}\nconsumes: [mode]`;
    expect(await audited(words, runtime)).toMatchObject({ state: 'equivalent', code: null });
  },
);

test('a quote that nothing escapes: no escape sign is proposed', async () => {
  const runtime = 'id,mode,note\nP-1,full,"a"b\\c\n';
  const { code, hint } = await audited('runtime: runtime.txt', runtime);
  expect(code).toBe('CSV_TEXT_AFTER_QUOTE');
  expect(hint).toBe('Write "" for a quote inside a quoted value.');
});

test('an escape sign that is another sign too is a fault of the contract', async () => {
  const contract = `version: 1\nartifacts:\n  p: {reviewed: 'file:reviewed.csv', runtime: {url: runtime.txt, csv: {delimiter: "|", quote: false, escape: "|"}}, key: [id]}\n`;
  writeFileSync(join(directory, 'keydrift.yaml'), contract);
  const words = ['audit', '--format', 'json'];
  const { code, stdout } = await runInProcess({ words, cwd: directory, environment: {} });
  expect([code, stdout]).toStrictEqual([2, expect.stringContaining('are the same character')]);
});

test('a file without a header has as many cells as there are names, record by record', async () => {
  const words =
    'runtime: {url: runtime.txt, csv: {delimiter: "|", names: [id, mode]}, consumes: [mode]}';
  const found = await audited(words, 'P-1|full\nP-2|\nP-3|delta|more\n');
  expect(found.findings.map(({ kind, key, reason }) => [kind, key?.id ?? reason])).toStrictEqual([
    ['removed', 'P-3'],
    ['invalid', '3 cells, the header has 2'],
  ]);
});
