import { describe, expect, test } from 'vitest';
import { contract, gate, logOf, makeJob, setGateStage } from './fixture.ts';

const stage = setGateStage();
const read = ['--', 'cat', '{parts}'] as const;
const text = contract(`    normalize: {id: [trim, uppercase], part: [integer]}
    units: {min: 4}
`).replace('key: [id]', 'key: [id, {column: part, optional: true}]');
const head = 'id,part,mode\n';
const inGit = `${head}A,1,full\nA,2,full\nB,1,full\nB,2,full\nC,,full\n`;
// A is as reviewed, B has drifted, C is repeated.
const runtime = `${head}a ,01,full\nB,1,other\nA,2,full\nB,3,full\nC,,full\nC,,full`;

async function scoped(...args: readonly string[]): Promise<Awaited<ReturnType<typeof gate>>> {
  stage.put(runtime);
  const job = await makeJob(stage, { 'keydrift.yaml': text, 'parts.csv': inGit });
  return gate(job, [...args, ...read]);
}

describe('--scope', () => {
  test('judges and hands over the rows of a slice, as they stand', async () => {
    const { code, stdout, stderr } = await scoped('--scope', 'id= a');
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${head}a ,01,full\nA,2,full\n` });
    expect(stderr).toContain('2 rows, 2 units, 0 redundant; scope id=A');
  });

  test('comma is or, columns are and', async () => {
    expect((await scoped('--scope', 'id=A,B')).code).toBe(121);
    expect(
      (await scoped('--scope', 'id=A', '--scope', 'id=C', '--use', 'deduplicated')).stdout,
    ).toBe(`${head}a ,01,full\nA,2,full\nC,,full\n`);
    const both = await scoped('--scope', 'id=A,B', '--scope', 'part=+2');
    // B,2 is reviewed and missing in the runtime copy.
    expect(both.code).toBe(121);
    expect(both.stderr).toMatch(/removed \(1\)/);
    const other = await scoped('--scope', 'id=A', '--scope', 'part=1,7');
    expect(other.stdout).toBe(`${head}a ,01,full\n`);
  });

  test('an empty value is an empty cell', async () => {
    const { code, stdout } = await scoped('--scope', 'part=', '--use', 'deduplicated');
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${head}C,,full\n` });
  });

  test('rows are told by their place in the file', async () => {
    const { stderr } = await scoped('--scope', 'id=C', '--log-format', 'json');
    expect(logOf(stderr)[0]).toMatchObject({
      outcome: 'refused',
      counts: { duplicated: 1, added: 0, removed: 0, conflict: 0 },
      findings: [
        {
          rowCount: { reviewed: 1, runtime: 2 },
          rows: [
            { side: 'reviewed', record: 5, line: 6 },
            { side: 'runtime', record: 5, line: 6 },
            { side: 'runtime', record: 6, line: 7 },
          ],
        },
      ],
    });
  });

  test('that selects no unit on either side is no verdict', async () => {
    for (const scope of ['id=Z', 'part=9']) {
      const { code, stdout, stderr } = await scoped('--scope', scope, '--no-fail');
      expect({ code, stdout }).toEqual({ code: 122, stdout: '' });
      expect(stderr).toContain('SCOPE_EMPTY');
    }
    const { stderr } = await scoped('--scope', 'id=a', '--scope', 'part=99');
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain('hint: Did you mean id="A"');
  });

  test('that selects units of one side only is drift', async () => {
    expect((await scoped('--scope', 'part=3')).code).toBe(121);
  });

  test('names key columns, and values that they can hold', async () => {
    for (const scope of ['mode=full', 'nothing=1', 'part=x']) {
      const { code, stderr } = await scoped('--scope', scope);
      expect(code).toBe(122);
      expect(stderr).toContain('USAGE');
    }
  });

  test('invalid records always count', async () => {
    stage.put(`${runtime}\nA,x,full\n`);
    const job = await makeJob(stage, { 'keydrift.yaml': text, 'parts.csv': inGit });
    const refused = await gate(job, ['--scope', 'id=A', ...read]);
    expect(refused.code).toBe(121);
    expect(refused.stderr).toContain('line 8');
    const warned = await gate(job, ['--scope', 'id=A', '--fail-on', 'added', ...read]);
    expect(warned.stdout).toBe(`${head}a ,01,full\nA,2,full\nA,x,full\n`);
  });

  test('--whole-file hands over everything', async () => {
    const { code, stdout } = await scoped('--scope', 'id=A', '--whole-file');
    expect({ code, stdout }).toEqual({ code: 0, stdout: runtime });
    const both = await scoped('--scope', 'id=C', '--whole-file', '--use', 'deduplicated');
    expect(both.stdout).toBe(runtime.replace(/C,,full$/, ''));
  });

  test('with --use reviewed', async () => {
    const { stdout } = await scoped('--scope', 'id=B', '--use', 'reviewed');
    expect(stdout).toBe(`${head}B,1,full\nB,2,full\n`);
  });

  test('with --contract-only', async () => {
    const { stdout } = await scoped('--scope', 'id=B', '--contract-only');
    expect(stdout).toBe(`${head}B,1,other\nB,3,full\n`);
  });
});
