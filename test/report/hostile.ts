import type { ArtifactReport, Cells } from '../../src/model/index.ts';
import { artifact, fault, finding, reviewedSide, row } from './build.ts';

const columns = ['__proto__', '2', 'na|me`<b>'] as const;

function cells(...values: readonly [string, string, string]): Cells {
  return columns.map((column, at) => [column, values[at] ?? null]);
}

/** Pairs of values that a file may hold and a terminal, a browser or a chat must not be led by. */
const pairs: readonly (readonly [reviewed: string, runtime: string])[] = [
  ['\u001b[31mred\u001b[0m', '\u001b]0;title\u0007'],
  ['nul\u0000byte', 'tab\there\nand a line'],
  ['invoice \u202etxt.exe', 'P\u20661\u2069'],
  ['<script>alert(1)</script>', '[click](https://evil.example) ![x](y) @team #123'],
  ['a|b', 'a\\|b'],
  ['``` fence `', '`'.repeat(30)],
  ['', ' '],
  ['trailing ', 'trailing'],
  ['東京都港区', '東京都渋谷区'],
  ['👩‍🚀 crew', '🇩🇪 crew'],
  ['caf\u00e9', 'cafe\u0301'],
  ['\ud83d lone', '"quoted"'],
  [`s3://lake/${'deep/'.repeat(60)}eu/part`, `s3://lake/${'deep/'.repeat(60)}us/part`],
  ['x'.repeat(2000), 'y'.repeat(2000)],
];

export const hostile: ArtifactReport = artifact({
  name: 'evil\u001b[2J|`name`.csv',
  owner: '@everyone <img src=x>',
  runbook: 'javascript:alert(1)\n# heading',
  labels: new Map([['__proto__', 'x']]),
  reviewed: reviewedSide({ location: 'git:HEAD:support/it\'s a "file"\u0007.csv' }),
  findings: pairs.map(([reviewed, runtime], at) =>
    finding(
      'conflict',
      'across',
      [
        row('reviewed', at + 2, cells(reviewed, 'EU', reviewed)),
        row('runtime', at + 2, cells(reviewed, 'EU', runtime)),
      ],
      { key: cells(reviewed, 'EU', '').slice(0, 2), fields: ['na|me`<b>'] },
    ),
  ),
  warnings: [
    { code: 'ODD', message: 'a header called \u001b[5mblink\u001b[0m', side: 'reviewed', line: 1 },
  ],
  error: fault({ message: 'S3 said: \u001b[1mno\u001b[0m\n## and more', hint: '```\n@team' }),
});
