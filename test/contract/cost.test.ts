import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { UnitScan } from '../../src/model/index.ts';
import { objectAt } from '../sources/locations.ts';
import { artifact, enough, noAccess, read, refusal, setTo } from './reading.ts';

function scanOf(...lines: readonly string[]): UnitScan | undefined {
  return read(artifact(...enough, ...lines)).artifacts[0]!.cost;
}

function cost(scans: string): string {
  return `cost: {scans: ${JSON.stringify(scans)}}`;
}

describe('cost', () => {
  test('is texts and columns by turns', () => {
    expect(scanOf('consumes: [mode]', cost('s3://lake/events/id={id}/{mode}{id}/'))).toStrictEqual({
      scans: 's3://lake/events/id={id}/{mode}{id}/',
      root: objectAt('lake', ''),
      prefix: ['events/id=', { column: 'id' }, '/', { column: 'mode' }, { column: 'id' }, '/'],
    });
  });

  test.each(['s3://lake', 's3://lake/'])('%s is the whole bucket', (scans) => {
    expect(scanOf(cost(scans))).toMatchObject({ root: objectAt('lake', ''), prefix: [] });
  });

  test('left out there is none', () => {
    expect(read(artifact(...enough)).artifacts[0]).not.toHaveProperty('cost');
  });

  test('may be reached by an access point', () => {
    const point = 'arn:aws:s3:eu-central-1:111122223333:accesspoint/lake';
    expect(scanOf(cost(`s3://${point}/e/{id}/`))).toMatchObject({
      root: objectAt(point, ''),
      prefix: ['e/', { column: 'id' }, '/'],
    });
  });

  test('takes any column that is not descriptive where `consumes` is left out', () => {
    expect(scanOf('descriptive: [note]', cost('s3://lake/{anything else}/'))).toMatchObject({
      prefix: [{ column: 'anything else' }, '/'],
    });
    const text = artifact(...enough, 'descriptive: [note]', cost('s3://lake/{note}/'));
    expect(refusal(text).problems).toHaveLength(1);
  });

  test('takes variables, and the access of flags', () => {
    const access = { ...noAccess, region: 'eu-central-1', endpoint: 'http://127.0.0.1:1' };
    const text = artifact(...enough, cost('s3://${LAKE}/e/{id}/'));
    const { artifacts } = read(text, { variables: setTo({ LAKE: 'lake-7' }), access });
    expect(artifacts[0]!.cost).toMatchObject({ root: objectAt('lake-7', '', { access }) });
  });

  test('an unset variable is a fault of what is asked of the cost alone', () => {
    const text = artifact(...enough, cost('s3://${LAKE}/e/{id}/'));
    const [only] = read(text, { variables: setTo({}) }).artifacts;
    expect(only!.cost?.root).toMatchObject({ kind: 'unset', fault: { code: 'VARIABLE_UNSET' } });
    expect(only!.reviewed.kind).toBe('git');
  });

  test('names every column once that it cannot name', () => {
    const text = artifact(...enough, 'consumes: [mode]', cost('s3://b/{moode}/{moode}/{xyz}'));
    expect(refusal(text).problems).toHaveLength(2);
  });

  test('any template reads back as what it was made of', () => {
    const plain = fc.string({ minLength: 1 }).filter((one) => !/[{}\0$\ud800-\udfff]/.test(one));
    const piece = fc.oneof(
      plain,
      plain.map((column) => ({ column })),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
        const written = pieces.map((one) => (typeof one === 'string' ? one : `{${one.column}}`));
        const found = scanOf(cost(`s3://lake/${written.join('')}`));
        const again = found?.prefix.map((one) =>
          typeof one === 'string' ? one : `{${one.column}}`,
        );
        expect(again?.join('')).toBe(written.join(''));
        expect(found?.prefix.filter((one) => typeof one !== 'string')).toEqual(
          pieces.filter((one) => typeof one !== 'string'),
        );
      }),
    );
  });
});
