import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { reporters } from './outputs.ts';
import { anyReport } from './arbitrary.ts';
import { artifact, finding, inSync, key, options, participant, report, row } from './build.ts';
import { scaled } from '../runs.ts';

/** All that stands outside code: the reporter's own words. */
const own = /^[\w ,:;.()[\]*→×~+|-]*$/;

test('nothing of a file is markup, whatever it holds', () => {
  fc.assert(
    fc.property(anyReport, fc.nat(6), (any, limit) => {
      const told = [...reporters.markdown(any, { ...options, limit })].join('');
      const lines = withoutBlocks(told.split('\n'));
      expect(told).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      for (const line of lines) {
        const words = line.replace(/^#{2,3} |^- /, '');
        expect(withoutSpans(words)).toMatch(own);
      }
    }),
    { numRuns: scaled(60) },
  );
});

test('every row of a table has as many cells as its head, for every reading of escapes', () => {
  fc.assert(
    fc.property(anyReport, (any) => {
      const lines = [...reporters.markdown(any, options)].join('').split('\n');
      for (const split of [cellsByPairs, cellsByNeighbour]) {
        let expected: number | null = null;
        for (const line of withoutBlocks(lines)) {
          if (!line.startsWith('|')) expected = null;
          else expect(split(line)).toBe((expected ??= split(line)));
        }
      }
    }),
    { numRuns: scaled(60) },
  );
});

test('no report is longer than a comment may be, and what is left out is said', () => {
  const findings = Array.from({ length: 200 }, (_, at) =>
    finding('added', 'runtime', [row('runtime', at + 2, participant(`P-${at}`))], {
      key: key(`P-${at}`),
    }),
  );
  const many = Array.from({ length: 150 }, (_, at) => artifact({ name: `a-${at}`, findings }));
  for (const limit of [3, 200, 100_000]) {
    const told = [...reporters.markdown(report(many), { ...options, limit })].join('');
    expect(told.length).toBeLessThanOrEqual(60_000);
    expect(told).toContain('more are left out here');
    expect(told).toMatch(/keydrift: 150 drifted/);
  }
});

test('of 500 artifacts one that drifted is told whole, the others in a line', () => {
  const many = [
    ...Array.from({ length: 499 }, (_, at) => inSync(`a-${at}`)),
    artifact({ name: 'bad' }),
  ];
  const told = [...reporters.markdown(report(many), options)].join('');
  expect(told.length).toBeLessThan(5000);
  expect(told).toContain('499 in sync, with nothing else to say.');
  expect(told).toContain('### `bad`: DRIFTED');
});

/** Lines outside fenced blocks; a block ends at a run of backticks as long as its first. */
function withoutBlocks(lines: readonly string[]): readonly string[] {
  const kept: string[] = [];
  let fence: string | null = null;
  for (const line of lines) {
    if (fence !== null) {
      const run = /^ {0,3}(`{3,})\s*$/.exec(line)?.[1];
      if (run !== undefined && run.length >= fence.length) fence = null;
    } else {
      fence = /^(`{3,})text$/.exec(line)?.[1] ?? null;
      if (fence === null) kept.push(line);
    }
  }
  expect(fence).toBeNull();
  return kept;
}

/** CommonMark: a run of backticks opens a span that the next run of the same length closes. */
function withoutSpans(line: string): string {
  const runs = [...line.matchAll(/`+/g)];
  let kept = '';
  let from = 0;
  for (let at = 0; at < runs.length; at += 1) {
    const open = runs[at]!;
    expect(open[0].length).toBeLessThanOrEqual(80);
    const close = runs.findIndex((run, index) => index > at && run[0].length === open[0].length);
    expect(close).toBeGreaterThan(at);
    kept += line.slice(from, open.index);
    from = runs[close]!.index + open[0].length;
    at = close;
  }
  return kept + line.slice(from);
}

/** Where a backslash takes the next character with it, backslashes too. */
function cellsByPairs(line: string): number {
  return line.replace(/\\./gu, '').split('|').length;
}

/** Where a pipe is text when a backslash is right before it. */
function cellsByNeighbour(line: string): number {
  return line.replace(/\\\|/g, '').split('|').length;
}
