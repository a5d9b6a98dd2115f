import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

/**
 * The house has one direction: model < the stages < app < cli. A stage imports the model and never
 * a sibling; only app composes; index.ts is the public door.
 */
const src = new URL('../src/', import.meta.url).pathname;
const stages = new Set([
  'contract',
  'sources',
  'formats',
  'normalize',
  'keyset',
  'compare',
  'history',
  'report',
]);

function mayImport(from: string, to: string): boolean {
  if (from === to || to === 'model') return true;
  if (from === 'app') return stages.has(to);
  if (from === 'cli') return to === 'app' || to === 'report';
  if (from === 'index.ts') return to === 'app' || to === 'report';
  return false;
}

interface Import {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) =>
  /\.tsx?$/.test(file),
);

function partOf(file: string): string {
  return file.split('/')[0] ?? '';
}

const imports: Import[] = files.flatMap((file) => {
  const text = readFileSync(join(src, file), 'utf8');
  const paths = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(
    (match) => match[1]!,
  );
  return paths.map((path) => ({
    file,
    from: partOf(file),
    to: partOf(relative(src, resolve(src, dirname(file), path))),
  }));
});

test('the imports were scanned', () => {
  expect(files.length).toBeGreaterThan(100);
  expect(imports.length).toBeGreaterThan(300);
  expect(imports).toContainEqual({ file: 'app/audit.ts', from: 'app', to: 'compare' });
});

test('no import goes against the direction of the house', () => {
  expect(imports.filter(({ from, to }) => !mayImport(from, to))).toEqual([]);
});

test('what a browser runs takes types alone from the model', () => {
  const page = files.filter((file) => file.startsWith('report/html/page/'));
  expect(page.length).toBeGreaterThan(10);
  const breaches = [...reachable(page)].filter((file) => {
    const text = readFileSync(join(src, file), 'utf8');
    return /from 'node:|^import \{[^}]*\} from '[^']*\/model\//m.test(text);
  });
  expect(breaches).toEqual([]);
});

test('the core has no console, and only the command line ends the process', () => {
  const breaches = files.filter((file) => {
    const text = readFileSync(join(src, file), 'utf8').replaceAll(/\/\*[^]*?\*\/|\/\/.*/g, '');
    if (/\beval\(|new Function\(/.test(text)) return true;
    return partOf(file) !== 'cli' && /\bconsole\.|process\.(exit|stdout|stderr)\b/.test(text);
  });
  expect(breaches).toEqual([]);
});

/** Files, and all that they import for more than its types. */
function reachable(from: readonly string[]): ReadonlySet<string> {
  const reached = new Set<string>();
  const left = [...from];
  for (let file = left.pop(); file !== undefined; file = left.pop()) {
    if (reached.has(file)) continue;
    reached.add(file);
    const text = readFileSync(join(src, file), 'utf8');
    const values = text.matchAll(/^import (?!type\b)[^;]*?from '(\.[^']+)'/gm);
    for (const [, path] of values) left.push(relative(src, resolve(src, dirname(file), path!)));
  }
  return reached;
}
