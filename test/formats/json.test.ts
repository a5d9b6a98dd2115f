import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { json } from '../../src/formats/json/json.ts';
import { ndjson } from '../../src/formats/json/ndjson.ts';
import { KeydriftError } from '../../src/model/index.ts';
import { cellsOf, rereadCells, sourceOf } from './memory.ts';
import { scaled } from '../runs.ts';

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** The dotted members of a value, by recursion over what the platform's own parser gives. */
function flatten(value: Json, name: string | null, into: Map<string, string>): Map<string, string> {
  if (Array.isArray(value)) {
    (value as readonly Json[]).forEach((item, at) => flatten(item, join(name, String(at)), into));
  } else if (typeof value === 'object' && value !== null) {
    for (const [own, member] of Object.entries(value as { readonly [name: string]: Json })) {
      flatten(member, join(name, own), into);
    }
  } else if (value !== null && value !== '') into.set(name ?? '', String(value));
  return into;
}

const join = (name: string | null, own: string): string => (name === null ? own : `${name}.${own}`);

// A name of its own at each level, without dots: what may collide is another test's.
const name = fc.constantFrom('id', 'mode', '2', 'ä', '__proto', 'with "quotes"', 'line\nbreak', '');
const scalar = fc.oneof(
  fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0)),
  fc.boolean(),
  fc.constant(null),
);
const { value } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(
      name.filter((own) => own !== ''),
      tie('value'),
      { maxKeys: 3 },
    ),
  ),
}));
const record = fc.dictionary(name, value, { maxKeys: 5 });
const records = fc.array(record, { maxLength: 6 });
const pieces = fc.integer({ min: 1, max: 40 });
const indent = fc.constantFrom(undefined, 0, 2, '\t');

async function faultOf(opening: Promise<unknown>): Promise<KeydriftError> {
  const thrown = await opening.then(
    () => null,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(KeydriftError);
  return thrown as KeydriftError;
}

describe('JSON', () => {
  test('its records are those of the platform’s own parser, dotted; any record is read again', async () => {
    await fc.assert(
      fc.asyncProperty(records, indent, pieces, async (given, space, piece) => {
        const table = await json.open(sourceOf(JSON.stringify(given, null, space), piece), {});
        const expected = given.map((one) => flatten(one, null, new Map()));
        // A member that is called like a nested one is a fault, and another test's.
        const cells = await cellsOf(table);
        expect(cells).toStrictEqual(expected);
        const chosen = given.map((_, at) => at + 1).filter((number) => number % 2 === 1);
        expect(await rereadCells(table, chosen)).toStrictEqual(
          expected.filter((_, at) => at % 2 === 0),
        );
      }),
    );
  });

  test('numbers are the text that stands there, whatever their size', async () => {
    const text = '[{"a": 0.10, "b": 12345678901234567890, "c": 1E+2, "d": -0, "e": 1e400}]';
    const [cells] = await cellsOf(await json.open(sourceOf(text), {}));
    expect([...cells!]).toStrictEqual([
      ['a', '0.10'],
      ['b', '12345678901234567890'],
      ['c', '1E+2'],
      ['d', '-0'],
      ['e', '1e400'],
    ]);
  });

  test('what is changed in any way is read as the platform’s own parser reads it, or refused', async () => {
    const seed = '[{"a":"x\\u00e9\\n","b":[1,2.5e3,{"c":null}]},{"a":"ü","b":true}]';
    await fc.assert(
      fc.asyncProperty(
        fc.nat(seed.length - 1),
        fc.constantFrom(
          '',
          '"',
          '\\',
          ',',
          ':',
          '[',
          '}',
          '0',
          '.',
          'e',
          '-',
          'u',
          't',
          ' ',
          '\n',
          '\u0001',
        ),
        fc.boolean(),
        async (at, sign, insert) => {
          const text = seed.slice(0, at) + sign + seed.slice(insert ? at : at + 1);
          const expected = parsed(text);
          const found = await opened(text);
          if (expected === null) expect(found).toBeInstanceOf(KeydriftError);
          else if (!(found instanceof KeydriftError)) {
            const wanted = expected.map((one) => flatten(one, null, new Map()));
            expect(found.map(withNumbers)).toStrictEqual(wanted.map(withNumbers));
          } else expect(found.code).toMatch(/NOT_RECORDS|MEMBER_DOUBLED|INVALID_UTF8/);
        },
      ),
      { numRuns: scaled(300) },
    );
  });

  test('`records` points at them, and `keyColumn` names what their names are', async () => {
    const text = '{"data": {"a/b": [{"id": 1}]}, "by": {"P-1": {"mode": "full"}, "P~2": "x"}}';
    const listed = await json.open(sourceOf(text), { records: '/data/a~1b' });
    expect(await cellsOf(listed)).toStrictEqual([new Map([['id', '1']])]);
    expect(listed.place(1)).toStrictEqual({ line: 1, text: '/data/a~1b/0' });
    const named = await json.open(sourceOf(text), { records: '/by', keyColumn: 'id' });
    expect(await cellsOf(named)).toStrictEqual([
      new Map([
        ['id', 'P-1'],
        ['mode', 'full'],
      ]),
      new Map([
        ['id', 'P~2'],
        ['value', 'x'],
      ]),
    ]);
    expect(named.place(2).text).toBe('/by/P~02');
  });

  test.for([
    ['', 'JSON_INVALID', 1],
    ['[{"a":1}', 'JSON_INVALID', 1],
    ['[{"a":1}] x', 'JSON_INVALID', 1],
    ['[\n{"a":1,\n"a":2}]', 'MEMBER_DOUBLED', 3],
    ['[{"a":{"b":1},"a.b":2}]', 'MEMBER_DOUBLED', 1],
    ['{"a":[]}', 'NOT_RECORDS', 1],
    ['[1]', 'NOT_RECORDS', 1],
    ['[[]]', 'NOT_RECORDS', 1],
    [`[{"a":${'['.repeat(70)}${']'.repeat(70)}}]`, 'TOO_LARGE', 1],
    ['"text"', 'NOT_RECORDS', 1],
  ] as const)('%s is refused: %s', async ([text, code, line]) => {
    const fault = await faultOf(json.open(sourceOf(text), {}));
    expect(fault).toMatchObject({ code, place: { line } });
    expect(fault.hint).not.toBe('');
  });

  test('a pointer to nothing is refused by its name', async () => {
    const fault = await faultOf(json.open(sourceOf('{"a": []}'), { records: '/b' }));
    expect(fault.message).toContain('/b names nothing');
  });

  test('half a character and a NUL are no text of a cell that counts', async () => {
    const table = await json.open(sourceOf('[{"a":"\\ud800","b":"\\u0000","c":"x"}]'), {});
    let shown: readonly (string | null)[] = [];
    await table.read((one) => {
      shown = [one.shown(0), one.shown(1), one.text(2)];
      expect(() => one.text(0)).toThrow(KeydriftError);
      expect(() => one.text(1)).toThrow(KeydriftError);
    });
    expect(shown).toStrictEqual(['\uFFFD', '\uFFFD', 'x']);
  });
});

describe('NDJSON', () => {
  test('a line is a record, read again by its bytes; a subset is its lines', async () => {
    await fc.assert(
      fc.asyncProperty(
        records,
        pieces,
        fc.constantFrom('\n', '\r\n'),
        async (given, piece, end) => {
          const text = given.map((one) => `${JSON.stringify(one)}${end}`).join(end);
          const table = await ndjson.open(sourceOf(text, piece), {});
          const expected = given.map((one) => flatten(one, null, new Map()));
          expect(await cellsOf(table)).toStrictEqual(expected);
          const chosen = given.map((_, at) => at + 1).filter((number) => number % 2 === 0);
          expect(await rereadCells(table, chosen)).toStrictEqual(
            expected.filter((_, at) => at % 2 === 1),
          );
          const kept = await table.subset!((one) => one.record % 2 === 1);
          const chunks: Uint8Array[] = [];
          for await (const chunk of kept) chunks.push(chunk);
          const part = await ndjson.open(sourceOf(Buffer.concat(chunks)), {});
          expect(await cellsOf(part)).toStrictEqual(expected.filter((_, at) => at % 2 === 0));
        },
      ),
    );
  });

  test('places and faults are lines', async () => {
    const table = await ndjson.open(sourceOf('\uFEFF{"a":1}\n\n{"a":2}'), {});
    expect(table.place(2)).toStrictEqual({ line: 3, text: 'line 3' });
    expect(table.warnings.map(({ code }) => code)).toStrictEqual(['BOM']);
    const fault = await faultOf(ndjson.open(sourceOf('{"a":1}\n{"a":1} {"a":2}\n'), {}));
    expect(fault).toMatchObject({ code: 'JSON_INVALID', place: { line: 2, byte: 16 } });
  });
});

async function opened(
  text: string,
): Promise<KeydriftError | readonly ReadonlyMap<string, string>[]> {
  try {
    return await cellsOf(await json.open(sourceOf(text), {}));
  } catch (error) {
    if (error instanceof KeydriftError) return error;
    throw error;
  }
}

/** Numbers by their value: the platform's parser does not keep how they were written. */
function withNumbers(cells: ReadonlyMap<string, string>): readonly unknown[] {
  // Nor does it keep the order of members that look like numbers.
  const sorted = [...cells].sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([column, text]) => [column, /^-?\d/.test(text) ? Number(text) : text]);
}

function parsed(text: string): readonly Json[] | null {
  try {
    const found = JSON.parse(text) as Json;
    return Array.isArray(found) ? (found as readonly Json[]) : null;
  } catch {
    return null;
  }
}
