import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { firstBreak } from '../../src/formats/csv/line-ends.ts';
import { cutAsSpark } from '../../src/formats/csv/univocity.ts';
import { judgeAnew, judgePair } from '../readers/judge.ts';
import type { Ambiguity } from '../../src/model/index.ts';

const signs = { delimiter: ',', quote: '"', escape: null };

/** What univocity-parsers 2.9.1 made of texts by Spark's settings; of lines, of these columns only. */
const files: readonly (readonly [text: string, escape: string, rows: readonly string[][]])[] = [
  [
    'id,w\nP-1,"a\r\nb"\nP-2,x\n',
    '\\',
    [
      ['P-1', 'a\r\nb'],
      ['P-2', 'x'],
    ],
  ],
  [
    'id,w\r\nP-1,"a\r\nb"\r\nP-2,x\r\n',
    '\\',
    [
      ['P-1', 'a\nb'],
      ['P-2', 'x'],
    ],
  ],
  [
    'id,w\rP-1,"a\rb"\rP-2,"c\nd"\r',
    '"',
    [
      ['P-1', 'a\nb'],
      ['P-2', 'c\nd'],
    ],
  ],
  [
    'id,w\rP-1,"a\r\nb"\rP-2,"""\r"\r',
    '"',
    [
      ['P-1', 'a\n\nb'],
      ['P-2', '"\n'],
    ],
  ],
  ['id,w\nP-1,x\n\r\nP-2,y\n', '\\', [['P-1', 'x'], ['\r'], ['P-2', 'y']]],
  [
    'id,w\nP-1,x\n\rP-2,y\n',
    '\\',
    [
      ['P-1', 'x'],
      ['\rP-2', 'y'],
    ],
  ],
  [
    'id,w\r\nP-1,x\r\n\nP-2,y\r\n',
    '\\',
    [
      ['P-1', 'x'],
      ['P-2', 'y'],
    ],
  ],
  [
    'id,w\nP-1,x\r\nP-2,"y"\r\n',
    '\\',
    [
      ['P-1', 'x\r'],
      ['P-2', 'y'],
    ],
  ],
  ['id,"w\r\n"\nP-1,"x\r\n"\n', '\\', [['P-1', 'x\n']]],
  ['id,w\nP-1,"a ""b"" c"\nP-2,"d""\ne"\n', '\\', [['P-1', '"a ""b"" c"'], ['P-2', 'd"'], ['e"']]],
  [
    'id,w\nP-1,"a ""b"" c"\nP-2,"d""\ne"\n',
    '"',
    [
      ['P-1', 'a "b" c'],
      ['P-2', 'd"\ne'],
    ],
  ],
  [
    'id,w\nP-1,"a\\\\"\nP-2,"b\\c"\n',
    '\\',
    [
      ['P-1', 'a\\'],
      ['P-2', 'b\\c'],
    ],
  ],
  ['id,w\nP-1,"a"\\,x\nP-2,y\n', '\\', [['P-1', 'a"\\x\nP-2,y\n']]],
  [
    'id,w\nP-1,"a" \nP-2,"b"\t\n',
    '\\',
    [
      ['P-1', 'a'],
      ['P-2', 'b'],
    ],
  ],
];
const lines: readonly (readonly [
  text: string,
  escape: string,
  needed: readonly number[],
  row: readonly string[],
])[] = [
  ['"",x,",a",2', '"', [1, 3], ['a"', '']],
  ['"",x,"a",2', '"', [1, 3], ['x', '2']],
  ['"",x,",a",2', '\\', [1, 3], ['x', '2']],
  ['"a\\\\",x,"y",2', '\\', [1, 3], ['x', '2']],
  ['a,"b', '\\', [0, 1], ['a', 'b']],
  ['a,"b\\"', '\\', [0, 1], ['a', 'b"']],
  ['a,"b"x', '\\', [0, 1], ['a', '"b"x']],
  ['a,', '\\', [0, 1], ['a', '']],
];

describe("texts are cut as Spark's parser cut them", () => {
  test.each(files)('%j by %s', (text, escape, rows) => {
    const cut = cutAsSpark(text, { signs, escape, separator: firstBreak(text), isLast: true });
    expect(cut!.rows.slice(1)).toStrictEqual(rows);
  });
  test.each(lines)('%j by %s', (text, escape, needed, row) => {
    const isLeftOut = (column: number): boolean => !needed.includes(column);
    const how = { signs, escape, separator: null, isLast: true, isLeftOut };
    const [cut = []] = cutAsSpark(text, how)!.rows;
    expect(needed.map((column) => cut[column] ?? '')).toStrictEqual(row);
  });
  test('where a record goes on after a text, nothing is said of it', () => {
    for (const [text, separator] of [
      ['a,"b\\"\n', '\n'],
      ['a,b\n', '\r\n'],
    ] as const) {
      expect(cutAsSpark(text, { signs, escape: '\\', separator, isLast: false })).toBeNull();
    }
  });
});

const table = { key: ['id'], consumed: ['w'], delimiter: ',' };
const isSpark = (reader: string): boolean => reader.startsWith('spark');

/** The hazards of a copy for Spark, read any way: of the bytes, or as they are written anew. */
async function told(reviewed: string, runtime: string): Promise<readonly unknown[]> {
  const found = await judgePair(table, Buffer.from(reviewed), Buffer.from(runtime));
  return found!.flatMap(({ hazard, readers }) =>
    readers.some(isSpark) ? [[hazard, readers.filter(isSpark)]] : [],
  );
}

async function foundAnew(reviewed: string, runtime: string): Promise<readonly Ambiguity[]> {
  const path = join(mkdtempSync(join(tmpdir(), 'keydrift-anew-')), 'x.csv');
  const anew = await judgeAnew(table, Buffer.from(reviewed), Buffer.from(runtime), path);
  rmSync(dirname(path), { recursive: true });
  return anew!.found;
}

async function toldAnew(reviewed: string, runtime: string): Promise<readonly unknown[]> {
  const found = await foundAnew(reviewed, runtime);
  return found.flatMap(({ hazard, readers }) =>
    readers.some(isSpark) ? [[hazard, readers.filter(isSpark)]] : [],
  );
}

const streams = [
  'spark (multiLine)',
  'spark (schema, multiLine)',
  'spark (multiLine, escape: ")',
] as const;
const byLines = ['spark', 'spark (schema)', 'spark (escape: ")'] as const;

describe('what Spark takes otherwise is told', () => {
  const feeds = 'id,note,w\nP-1,x,"a\r\nb"\nP-2,y,2\n';
  test('a break in a value that counts, where the copies end lines otherwise', async () => {
    const found = await told(feeds, feeds.replaceAll(/\r?\n/g, '\r\n'));
    expect(found).toStrictEqual([['QUOTED_LINE_BREAK', streams]]);
    expect(await told(feeds, `${feeds.trimEnd()}\n\n`)).toStrictEqual([]);
  });
  test('a break in a value that nobody needs', async () => {
    const unneeded = 'id,w,note\nP-1,1,"a\r\nb"\n';
    expect(await told('id,w,note\nP-1,1,x\n', unneeded)).toStrictEqual([
      ['QUOTED_LINE_BREAK', byLines],
    ]);
  });
  test('a blank line that ends otherwise is a row', async () => {
    const plain = 'id,note,w\nP-1,x,1\nP-2,y,2\n';
    const [first, second] = ['P-1,x,1\n', 'P-2,y,2\n'];
    for (const body of [`${first}\r\n${second}`, `\r\n${first}${second}`]) {
      expect(await told(plain, `id,note,w\n${body}`)).toStrictEqual([['LINE_ENDS', streams]]);
    }
    const returns = `id,note,w\n${first}${second}`.replaceAll('\n', '\r\n');
    expect(await told(plain, returns.replace('P-2', '\r\nP-2'))).toStrictEqual([]);
  });
  test('blank lines before the header that end otherwise, and a file of three bytes', async () => {
    const plain = 'id,note,w\nP-1,x,1\n';
    expect(await told(plain, `\n\r\n${plain}`)).toContainEqual(['LINE_ENDS', streams]);
    const alone = { key: ['id'], consumed: [], delimiter: ',' };
    const found = await judgePair(alone, Buffer.from('id\n'), Buffer.from('id\r'));
    const ends = found!.find(({ hazard }) => hazard === 'LINE_ENDS');
    expect(ends!.readers).toStrictEqual(expect.arrayContaining([...streams]));
    const both = await judgePair(alone, Buffer.from('id\nP-1\n'), Buffer.from('id\rP-1\r'));
    expect(both!.flatMap(({ readers }) => readers)).not.toContain('spark (multiLine)');
  });
  test('a file of CR whose values hold line breaks', async () => {
    const plain = 'id,note,w\nP-1,x,"a\rb"\n';
    expect(await told(plain, plain.replaceAll('\n', '\r'))).toStrictEqual([['BARE_CR', streams]]);
  });
  test('the first line end of the file stands in a name', async () => {
    const plain = 'id,w\nP-1,1\n';
    const found = await told(plain, 'id,"x\ny",w\r\nP-1,x,1\r\n');
    expect(found).toContainEqual(['LINE_ENDS', streams]);
  });
  test('an empty quoted value before one that starts with the delimiter', async () => {
    const plain = 'note,id,more,w\nx,P-1,y,1\n';
    const found = await told(plain, 'note,id,more,w\n"",P-1,",a",1\n');
    expect(found).toStrictEqual([['QUOTED_DELIMITER', ['spark (escape: ")']]]);
  });
});

describe('canonical CSV is read alike, or it is told', () => {
  const plain = 'id,note,w\nP-1,x,1\n';
  test('a name that ends in a backslash', async () => {
    const runtime = 'id,x\\,w\nP-1,x,1\n';
    expect(await told(plain, runtime)).toStrictEqual([]);
    const escaping = streams.filter((name) => !name.includes('escape'));
    expect(await toldAnew(plain, runtime)).toContainEqual(['BACKSLASH_QUOTE', escaping]);
  });
  test('a value that ends in a backslash, also where both copies have equal bytes', async () => {
    const same = 'id,w,note\nP-1,1,x\\\n';
    expect(await told(same, same)).toStrictEqual([]);
    const [[hazard] = []] = (await toldAnew(same, same)) as readonly (readonly unknown[])[];
    expect(hazard).toBe('BACKSLASH_QUOTE');
  });
  test('a break in a name makes breaks in values others', async () => {
    const runtime = 'id,"no\r\nte",w\nP-1,x,"a\r\nb"\n';
    expect(await toldAnew('id,note,w\nP-1,x,"a\r\nb"\n', runtime)).toContainEqual([
      'QUOTED_LINE_BREAK',
      expect.arrayContaining(['spark (multiLine)']),
    ]);
  });
  test('a break in a name leaves what follows a doubled quote without an end', async () => {
    const rows = 'P-9,1,"x"",y"\nP-1,2,x\n';
    const found = await toldAnew(`id,w,note\n${rows}`, `id,w,"\r,;"\n${rows}`);
    expect(found).toContainEqual(['DOUBLED_QUOTE', expect.arrayContaining(['spark (multiLine)'])]);
  });
  test('a first doubled quote beyond what DuckDB samples, told its columns', async () => {
    const rows = (at: number): string =>
      Array.from({ length: 2100 }, (_, row) => `P-${row},1,${row === at ? '"a""b"' : 'x'}\n`).join(
        '',
      );
    for (const [at, wanted] of [
      [2046, false],
      [2047, true],
    ] as const) {
      const copy = `id,w,note\n${rows(at)}`;
      const found = await foundAnew(`id,w,note\n${rows(-1)}`, copy);
      const isTold = found.some(
        ({ hazard, readers }) => hazard === 'DOUBLED_QUOTE' && readers.includes('positional'),
      );
      expect([at, isTold]).toStrictEqual([at, wanted]);
    }
  });
  test('what is only spelling is gone', async () => {
    const runtime = '\ufeffw,note,id\r\n\r\n1,"a""b",P-1\n';
    expect(await toldAnew('id,note,w\nP-1,"a""b",1\n', runtime)).toStrictEqual([]);
  });
});
