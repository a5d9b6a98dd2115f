import { array, assert, constantFrom, oneof, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  fillCaptures,
  isNamedBy,
  matchPath,
  parseGlob,
  segmentsOf,
} from '../../src/contract/glob.ts';
import type { ArtifactFamily } from '../../src/model/index.ts';
import { artifact, read } from './reading.ts';

describe('the language of globs', () => {
  test('the base ends before what is wild; a variable is no capture', () => {
    const bases = {
      'support/*.csv': 'support/',
      '*.csv': '',
      'git:main:{team}.csv': 'git:main:',
      's3://bucket/a/**/b*.csv': 's3://bucket/a/',
      'a/${NAME}/x{b}.csv': 'a/${NAME}/',
    };
    for (const [text, base] of Object.entries(bases)) expect(parseGlob(text)?.base).toBe(base);
    for (const text of ['a/b.csv', '${NAME}.csv', 'a/$${x}.csv', 'a/{1}.csv', 'a/{}.csv']) {
      expect(parseGlob(text)).toBeNull();
    }
  });

  test('a path is of a glob exactly where it is of the regular expression that says the same', () => {
    const part = array(oneof(constantFrom('a', '.', '-'), constantFrom('*', '{x}', '{y}')), {
      minLength: 1,
      maxLength: 5,
    });
    const glob = array(oneof(constantFrom(['**']), part), { minLength: 1, maxLength: 4 });
    const name = string({ unit: constantFrom('a', '.', '-', 'b'), minLength: 1, maxLength: 6 });
    assert(
      property(glob, array(name, { minLength: 1, maxLength: 4 }), (parts, names) => {
        // Two wild pieces side by side are refused in a contract.
        const texts = parts.map((pieces) =>
          pieces[0] === '**'
            ? '**'
            : pieces
                .filter((piece, at) =>
                  piece.length === 1 && piece !== '*' ? true : !isWild(pieces[at - 1]),
                )
                .join(''),
        );
        const segments = segmentsOf(texts.join('/'));
        const path = names.join('/');
        expect(matchPath(segments, path) !== null).toBe(expressionOf(texts).test(path));
      }),
    );
  });

  test('captures put back into their glob give the path', () => {
    const text = '{team}/x-{name}.csv';
    for (const path of ['ads/x-a.csv', 'a.b/x-x-y.csv', 'é ü/x-{team}.csv']) {
      const captured = matchPath(segmentsOf(text), path);
      expect(captured).not.toBeNull();
      const [first = '', second = ''] = text.split('/');
      expect(`${fillCaptures(first, captured!)}/${fillCaptures(second, captured!)}`).toBe(path);
    }
    expect(matchPath(segmentsOf(text), 'ads/x-.csv')).toBeNull();
  });

  test('a hostile name takes no longer than its length', () => {
    const name = 'a-'.repeat(100_000);
    expect(matchPath(segmentsOf('*-*-*-*-*-*b'), name)).toBeNull();
    expect(matchPath(segmentsOf(`${'**/a/'.repeat(8)}b`), `${'a/'.repeat(400)}c`)).toBeNull();
  });

  test('what is ignored is named by its last part, or as a whole', () => {
    expect(isNamedBy(['*.bak'], 'deep/x.bak')).toBe(true);
    expect(isNamedBy(['tmp/**'], 'tmp/a/b')).toBe(true);
    expect(isNamedBy(['tmp/*'], 'tmp/a/b')).toBe(false);
    expect(isNamedBy(['x/*.bak'], 'deep/x.bak')).toBe(false);
  });
});

function isWild(piece: string | undefined): boolean {
  return piece === '*' || (piece?.startsWith('{') ?? false);
}

/** The same as a regular expression: the oracle. */
function expressionOf(parts: readonly string[]): RegExp {
  const [first = '', ...rest] = parts;
  if (first === '**') {
    return rest.length === 0
      ? /^.+$/s
      : new RegExp(`^(?:[^/]+/)*?${expressionOf(rest).source.slice(1)}`, 's');
  }
  const own = first
    .replaceAll('.', String.raw`\.`)
    .replaceAll('*', '[^/]*')
    .replaceAll(/\{[xy]\}/g, '[^/]+');
  if (rest.length === 0) return new RegExp(`^${own}$`, 's');
  const after = expressionOf(rest).source.slice(1);
  // A trailing `**` may be no folder at all.
  return rest.every((part) => part === '**')
    ? new RegExp(`^${own}(?:/.+)?$`, 's')
    : new RegExp(`^${own}/${after}`, 's');
}

function family(...lines: readonly string[]): ArtifactFamily {
  return read(artifact('key: [id]', ...lines)).families![0]!;
}

describe('an entry of a contract', () => {
  test('a file is named by its path without the ending that the glob names, or by its captures', () => {
    const nameOf = (reviewed: string, path: string): string | undefined =>
      family(`reviewed: '${reviewed}'`, 'runtime: s3://b/x/').member(path)?.name;
    expect(nameOf('support/**/*.csv', 'eu/a b.csv')).toBe('p.eu.a_b');
    expect(nameOf('support/*', 'a.csv')).toBe('p.a.csv');
    expect(nameOf('support/{team}/{name}.csv', 'ads/a.csv')).toBe('p.ads.a');
    expect(nameOf('support/*.csv', 'a.json')).toBeUndefined();
    expect(nameOf('support/**', '../a.csv')).toBeUndefined();
  });

  test('runtime: what captures tell is not told again by the path', () => {
    const keyOf = (reviewed: string, runtime: string, path: string): unknown =>
      family(`reviewed: '${reviewed}'`, `runtime: '${runtime}'`).member(path)?.copies[0]?.location;
    expect(keyOf('s/{team}/*.csv', 's3://b/{team}/in/', 'ads/a.csv')).toMatchObject({
      bucket: 'b',
      key: 'ads/in/a.csv',
    });
    expect(keyOf('s/{team}/*.csv', 's3://b/in/', 'ads/a.csv')).toMatchObject({
      key: 'in/ads/a.csv',
    });
    expect(keyOf('s/{team}/x/**', 's3://{team}-prod/in/', 'ads/x/y/a.csv')).toMatchObject({
      bucket: 'ads-prod',
      key: 'in/y/a.csv',
    });
    // A name of git that no bucket has reaches nothing.
    expect(keyOf('s/{team}/*.csv', 's3://{team}-prod/in/', 'a b/a.csv')).toMatchObject({
      kind: 'unset',
      fault: { code: 'LOCATION_INVALID' },
    });
    expect(keyOf('s/{name}', 's3://b/{name}', 'a?versionId=1')).toMatchObject({
      key: 'a?versionId=1',
      versionId: null,
    });
  });

  test('overrides: the words of one file stand before those of its entry', () => {
    const one = family(
      'reviewed: s/*.csv',
      'runtime: {url: s3://b/x/, policy: {added: warn}}',
      'policy: {removed: warn}',
      'overrides: {a: {policy: {removed: ignore}, consumes: [x], region: eu-west-1}}',
    );
    expect(one.member('a.csv')).toMatchObject({
      consumes: ['x'],
      policy: { removed: 'ignore' },
      copies: [
        {
          policy: { added: 'warn', removed: 'ignore' },
          location: { access: { region: 'eu-west-1' } },
        },
      ],
    });
    expect(one.member('b.csv')).toMatchObject({ consumes: null, policy: { removed: 'warn' } });
  });
});
