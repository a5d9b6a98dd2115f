import { describe, expect, test } from 'vitest';
import { contract, gate, makeJob, reviewed, setGateStage } from './fixture.ts';

const stage = setGateStage();
const read = ['parts', '--', 'sh', '-c', 'cat "$KEYDRIFT_PARTS_FILE"'] as const;
const named = ['parts', '--', 'sh', '-c', 'basename "$KEYDRIFT_PARTS_FILE"'] as const;
const asCanonical = ['--as', 'canonical'] as const;
const clean = '"id","mode","note"\n"P-1","full","one"\n"P-2","delta","two"\n"P-3","full","three"\n';

describe('--as canonical', () => {
  test('one form, however the copy is spelled', async () => {
    const job = await makeJob(stage);
    const rows = ['P-1,full,one', 'P-2,delta,two', 'P-3,full,three'];
    for (const body of [
      reviewed,
      `\uFEFFid,mode,note\r\n\r\n${rows.join('\r\n')}`,
      `mode,note,id\nfull,one,P-1\ndelta,"two",P-2\nfull,three,P-3\n`,
    ]) {
      stage.put(body);
      const { code, stdout } = await gate(job, [...asCanonical, ...read]);
      expect({ code, stdout }).toEqual({ code: 0, stdout: clean });
    }
    expect((await gate(job, [...asCanonical, ...named])).stdout).toBe('parts.csv\n');
  });

  test('the contract’s names, and what only the copy has comes last', async () => {
    stage.put('more|ID|mode|note\nx|P-1|full|"a ""b"""\ny|P-2|delta|\nz|P-3|full|l\n');
    const runtime = contract().replace(
      /runtime: (.*)\n/,
      'runtime: {url: $1, columns: {id: ID}, csv: {delimiter: "|"}}\n',
    );
    const job = await makeJob(stage, { 'keydrift.yaml': runtime });
    const { code, stdout } = await gate(job, [...asCanonical, ...read]);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout:
        '"id","mode","note","more"\n"P-1","full","a ""b""","x"\n"P-2","delta","","y"\n"P-3","full","l","z"\n',
    });
  });

  test('what Spark reads otherwise of it is drift, whatever format it is written of', async () => {
    const runtime = (format: string): string =>
      contract().replace(
        /runtime: (.*)\n/,
        `runtime: {url: $1, format: ${format}}\n    reader: {spark: {multiLine: true}}\n`,
      );
    const notes = (third: string): string =>
      [
        ['P-1', 'full', 'one'],
        ['P-2', 'delta', third],
        ['P-3', 'full', 'three'],
      ]
        .map(([id, mode, note]) => `${JSON.stringify({ id, mode, note })}\n`)
        .join('');
    const job = await makeJob(stage, { 'keydrift.yaml': runtime('ndjson') });
    stage.put(notes('C:\\dir\\'));
    const refused = await gate(job, [...asCanonical, ...read]);
    expect(refused).toMatchObject({ code: 121, stdout: '' });
    expect(refused.stderr).toContain('a backslash before a quote');
    stage.put(notes('two'));
    expect(await gate(job, [...asCanonical, ...read])).toMatchObject({ code: 0, stdout: clean });
  });

  test('with --use: the rows that are chosen', async () => {
    stage.put(`${reviewed}P-1,full,again\n`);
    const job = await makeJob(stage);
    const once = await gate(job, ['--use', 'deduplicated', ...asCanonical, ...read]);
    expect(once).toMatchObject({ code: 0, stdout: clean });
    const inGit = await gate(job, ['--use', 'reviewed', ...asCanonical, ...read]);
    expect(inGit).toMatchObject({ code: 0, stdout: clean });
    const slice = await gate(job, ['--scope', 'id=P-2', ...asCanonical, ...read]);
    expect(slice.stdout).toBe('"id","mode","note"\n"P-2","delta","two"\n');
  });

  test('a record of another width, or what is no UTF-8, is refused: 121', async () => {
    const policy = contract('    policy: {invalid: warn}\n');
    const job = await makeJob(stage, { 'keydrift.yaml': policy });
    for (const body of [
      `${reviewed}P-4\n`,
      Buffer.concat([
        Buffer.from('id,mode,note\nP-1,full,'),
        Buffer.of(0xff),
        Buffer.from('\nP-2,delta,two\nP-3,full,three\n'),
      ]),
    ]) {
      stage.put(body);
      const stored = await gate(job, ['--no-fail', ...read]);
      expect(stored.code).toBe(0);
      const { code, stdout } = await gate(job, ['--no-fail', ...asCanonical, ...read]);
      expect({ code, stdout }).toEqual({ code: 121, stdout: '' });
    }
  });

  test('hazards of spelling become warnings, those of content stay', async () => {
    const said = contract('    reader: [positional]\n');
    const job = await makeJob(stage, { 'keydrift.yaml': said });
    stage.put('mode,id,note\nfull,P-1,one\ndelta,P-2,two\nfull,P-3,three\n');
    const refused = await gate(job, [...read]);
    expect(refused.code).toBe(121);
    expect(refused.stderr).toContain('; to run the same rows written anew instead: keydrift run parts --as canonical -- '); // prettier-ignore
    const { code, stdout } = await gate(job, [...asCanonical, ...read]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: clean });
    // A conflict stays one, however it is written.
    stage.put('mode,id,note\ndelta,P-1,one\ndelta,P-2,two\nfull,P-3,three\n');
    expect((await gate(job, [...read])).stderr).not.toContain('--as canonical');
  });
});
