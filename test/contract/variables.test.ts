import { expect, test } from 'vitest';
import type { Location, UnsetLocation } from '../../src/model/index.ts';
import { artifact, read, refusal, setTo } from './reading.ts';

const key = 'key: [id]';

/** The one artifact of a contract without a variable set. */
function locations(...lines: readonly string[]): readonly Location[] {
  const [one] = read(artifact(...lines, key), { variables: setTo({}) }).artifacts;
  return [one!.reviewed, ...one!.copies.map(({ location }) => location)];
}

test('an unset variable reaches nothing of its copy, and says the flag to add', () => {
  const [reviewed, eu, us, asia] = locations(
    'reviewed: a.csv',
    'runtime:',
    '  eu: "${BUCKET}/${DIR}"',
    '  us: {url: s3://b/a.csv, region: "${REGION}", expectedOwner: "${OWNER}"}',
    '  asia: s3://b/a.csv',
  );
  expect([reviewed!.kind, asia!.kind]).toStrictEqual(['git', 's3']);
  expect(eu).toMatchObject({ kind: 'unset', shown: '${BUCKET}/${DIR}' });
  expect(us).toMatchObject({ kind: 'unset', fault: { code: 'VARIABLE_UNSET' } });
  const { message, hint } = (eu as UnsetLocation).fault;
  expect(message).toContain('runtime location "${BUCKET}/${DIR}": variables BUCKET, DIR not set');
  for (const flag of ['--var BUCKET=VALUE --var DIR=VALUE', 'KEYDRIFT_VAR_BUCKET']) {
    expect(hint).toContain(flag);
  }
});

test.each(['reviewed: "${WHERE}"', 'reviewed: {repo: "${REPO}", ref: "${REF}", path: "${P}"}'])(
  'a reviewed side as well, and nothing of it is guessed: %s',
  (line) => {
    const [reviewed, runtime] = locations(
      line,
      'runtime: {eu: {url: s3://b/a.csv, ref: v1, grace: 5m}}',
    );
    expect([reviewed!.kind, runtime!.kind]).toStrictEqual(['unset', 's3']);
  },
);

test('what an artifact or defaults say of access holds for each copy', () => {
  const text = artifact('reviewed: a.csv', 'runtime: s3://b/a.csv', 'region: "${REGION}"', key);
  const of = (file: string, values: Record<string, string>): Location =>
    read(file, { variables: setTo(values) }).artifacts[0]!.copies[0]!.location;
  expect(of(text, {}).kind).toBe('unset');
  expect(of(text, { REGION: 'eu-1' })).toMatchObject({ access: { region: 'eu-1' } });
  const defaults = text.replace('    region: "${REGION}"\n', '');
  expect(of(`${defaults}defaults: {region: "\${REGION}"}`, {}).kind).toBe('unset');
  const own = `${text}defaults: {region: "\${OTHER}"}`;
  expect(of(own, { REGION: 'eu-1' })).toMatchObject({ access: { region: 'eu-1' } });
});

test('an empty value is a value, and is refused where it fits nothing', () => {
  const text = artifact('reviewed: a.csv', 'runtime: {url: s3://b/k, region: "${EMPTY}"}', key);
  expect(refusal(text).problems).toMatchObject([{ path: 'artifacts.p.runtime.region', line: 5 }]);
});

test('whatever is unset, the rest is as strict as ever', () => {
  const text = artifact('reviewed: a.csv', 'runtime: "${URL}"', 'key: ["${KEY}"]', 'policy: no');
  expect(refusal(text).problems).toHaveLength(2);
});
