import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { contractJsonSchema, contractShape } from '../../src/contract/json-schema.ts';
import { formats } from '../../src/formats/index.ts';
import { stepShapes } from '../../src/normalize/index.ts';
import { artifact, enough, entry, read } from './reading.ts';

const schema = contractJsonSchema(stepShapes, Object.keys(formats));

function validator(): ValidateFunction {
  return new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);
}

test('the shipped schema is the one that the code stands for', async () => {
  await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot(
    '../../schema/keydrift.contract.schema.json',
  );
});

test('what the plain reader looks at is the same schema', async () => {
  const table = JSON.stringify(contractShape(schema)).replaceAll(/[\\']/g, String.raw`\$&`);
  await expect(
    `/** The contract's schema, without what is for people; written by \`npm run schemas\`. */\nexport const shapeTable: string =\n  '${table}';\n`,
  ).toMatchFileSnapshot('../../src/contract/shape-table.ts');
});

describe('an editor accepts', () => {
  const validate = validator();
  const example = readFileSync(new URL('golden/example.yaml', import.meta.url), 'utf8');
  test.each([
    ['the example of the specification', example],
    ['variables where a pattern is', artifact(...enough, 'endpoint: "${D}"')],
    ['one word for all kinds', artifact(...enough, 'policy: warn', 'enforceFrom: 2027-01-15')],
    ['nothing but other contracts', 'version: 1\ninclude: [teams/*/keydrift.yaml]'],
    ['defaults', `${artifact(...enough)}defaults: {region: eu-west-1, limits: {bytes: 2GiB}}`],
    ['every step', artifact(...enough, 'normalize: {id: [trim, collapse-spaces, {empty: ["-"]}]}')],
    ['accept and grace', artifact(...enough, `accept: [${entry}]`, 'grace: 30m')],
    ['cost', artifact(...enough, 'cost: {scans: "s3://lake/{id}/"}')],
    ['quote: false', artifact(...enough, 'csv: {quote: false, comment: null}')],
  ])('%s', (_name, text) => {
    validate(parse(text));
    expect(validate.errors).toBeNull();
  });
});

describe('an editor and the reader refuse', () => {
  const validate = validator();
  test.each([
    ['another version', 'version: 2\nartifacts: {p: {reviewed: a, runtime: b, key: [c]}}'],
    ['no artifact', 'version: 1\nartifacts: {}'],
    ['a bad name', 'version: 1\nartifacts: {-p: {reviewed: a, runtime: b, key: [c]}}'],
    ['no key', artifact('reviewed: a', 'runtime: b')],
    ['an empty key', artifact('reviewed: a', 'runtime: b', 'key: []')],
    ['an unknown word', artifact(...enough, 'consume: [a]')],
    ['a cost without scans', artifact(...enough, 'cost: {}')],
    ['a scan elsewhere than in S3', artifact(...enough, 'cost: {scans: "gs://b/{id}"}')],
    ['an unknown step', artifact(...enough, 'normalize: {id: [trimm]}')],
    ['a bad parameter', artifact(...enough, 'normalize: {id: [{decimal: x}]}')],
    ['an unknown kind', artifact(...enough, 'policy: {dup: warn}')],
    ['two characters', artifact(...enough, 'csv: {delimiter: "::"}')],
    ['a fraction of a unit', artifact(...enough, 'units: {min: 0.5}')],
    ['a grace without unit', artifact(...enough, 'grace: "30"')],
    [
      'added to be accepted',
      artifact(...enough, `accept: [${entry.replace('conflict', 'added')}]`),
    ],
    ['no reason', artifact(...enough, `accept: [${entry.replace('known', ' ')}]`)],
    ['a short variant', artifact(...enough, `accept: [${entry.replace('0123', '')}]`)],
    ['less than one', artifact(...enough, 'maxAmplification: 0.5')],
  ])('%s', (_name, text) => {
    expect(validate(parse(text))).toBe(false);
    expect(() => read(text)).toThrow('keydrift.yaml');
  });
});
