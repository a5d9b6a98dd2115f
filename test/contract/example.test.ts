import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { strictPolicy as failing, type Contract, type GitLocation } from '../../src/model/index.ts';
import { noAccess, read } from './reading.ts';
import { gitAt, objectAt } from '../sources/locations.ts';

const example = readFileSync(new URL('golden/example.yaml', import.meta.url), 'utf8');

const participants: GitLocation = {
  ...gitAt('/work/jobs/support/participants.csv'),
  within: '/work/jobs',
};

const expected: Contract = {
  path: '/work/jobs/keydrift.yaml',
  artifacts: [
    {
      name: 'participants',
      owner: 'data-platform@example.org',
      runbook: 'https://wiki.example.org/participants',
      labels: new Map(),
      reviewed: participants,
      copies: [
        {
          name: null,
          location: objectAt('prod-runtime', 'support/participants.csv'),
          ref: null,
          policy: { ...failing, duplicated: 'warn' },
          grace: 0,
          columns: new Map(),
          csv: {},
        },
      ],
      key: [
        { column: 'participant_id', optional: false },
        { column: 'region', optional: true },
      ],
      consumes: ['partition_prefix', 'run_mode', 'weight'],
      descriptive: [],
      normalize: new Map([
        [
          'participant_id',
          [
            { step: 'trim', parameter: null },
            { step: 'uppercase', parameter: null },
          ],
        ],
        ['weight', [{ step: 'decimal', parameter: 2 }]],
      ]),
      csv: {},
      policy: { ...failing, duplicated: 'warn' },
      units: { min: 1, max: null },
      maxAmplification: 1.2,
      accept: [],
    },
    {
      name: 'calendar',
      owner: null,
      runbook: null,
      labels: new Map(),
      reviewed: gitAt('data/calendar.csv', '/work/calendar-repo', 'v2.1.0'),
      copies: [
        {
          name: 'eu',
          location: objectAt('prod-eu', 'support/calendar.csv'),
          ref: null,
          policy: failing,
          grace: 0,
          columns: new Map(),
          csv: {},
        },
        {
          name: 'us',
          location: objectAt('prod-us', 'support/cal.csv', {
            access: { ...noAccess, region: 'us-east-1', profile: 'us' },
          }),
          ref: 'release',
          policy: { ...failing, removed: 'warn' },
          grace: 0,
          columns: new Map([['business_date', 'BUS_DT']]),
          csv: { delimiter: ';', names: ['BUS_DT', 'is_open'] },
        },
      ],
      key: [{ column: 'business_date', optional: false }],
      consumes: null,
      descriptive: ['comment'],
      normalize: new Map(),
      csv: {},
      policy: failing,
      units: { min: 1, max: null },
      maxAmplification: null,
      accept: [],
    },
  ],
};

test('the example of the specification is read in every detail', () => {
  expect(read(example)).toStrictEqual(expected);
});
