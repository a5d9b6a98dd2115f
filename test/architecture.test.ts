import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

/**
 * The house has one direction: model < the stages < judge < commands < cli.ts. A stage imports the
 * model and never a sibling; only judge and commands compose, and commands never import each other;
 * io touches the process; index.ts is the public door. Types count as well.
 */
const src = new URL('../src/', import.meta.url).pathname;
const stages = new Set([
  'contract',
  'sources',
  'formats',
  'normalize',
  'engine',
  'compare',
  'history',
  'report',
]);

function mayImport({ from, to, file, path }: Import): boolean {
  if (to === 'model') return true;
  if (from === 'commands' && to === 'commands') return mayImportCommand(file, path);
  if (from === to) return true;
  if (from === 'judge') return stages.has(to);
  if (from === 'io') return to === 'report' || to === 'judge';
  if (from === 'commands') return stages.has(to) || to === 'judge' || to === 'io';
  if (from === 'cli.ts') return to === 'commands' || to === 'io';
  if (from === 'index.ts') return ['judge', 'report', 'commands', 'io'].includes(to);
  return false;
}

/** What all commands share lies beside their folders; only the program itself knows each of them. */
function mayImportCommand(file: string, path: string): boolean {
  const [command, other] = [commandOf(file), commandOf(path)];
  return command === other || other === null || file === 'commands/program.ts';
}

/** The folder of a command that a file is in; null: it is none's. */
function commandOf(file: string): string | null {
  const [, command, ...rest] = file.split('/');
  return rest.length === 0 ? null : command!;
}

interface Import {
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** The file that is imported, from src/. */
  readonly path: string;
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
  return paths.map((path) => {
    const imported = relative(src, resolve(src, dirname(file), path));
    return { file, from: partOf(file), to: partOf(imported), path: imported };
  });
});

test('the imports were scanned', () => {
  expect(files.length).toBeGreaterThan(100);
  expect(imports.length).toBeGreaterThan(300);
  expect(imports).toContainEqual({
    file: 'judge/pair.ts',
    from: 'judge',
    to: 'compare',
    path: 'compare/index.ts',
  });
});

test('no import goes against the direction of the house', () => {
  expect(imports.filter((found) => !mayImport(found))).toEqual([]);
});

test('what a browser runs takes types, and plain texts, from the model', () => {
  const page = files.filter((file) => file.startsWith('report/html/page/'));
  expect(page.length).toBeGreaterThan(10);
  const breaches = [...reachable(page)].filter((file) => {
    const text = readFileSync(join(src, file), 'utf8');
    return /from 'node:|^import \{[^}]*\} from '[^']*\/model\/(?!(?:names|quoting|revision)\.ts)/m.test(
      text,
    );
  });
  expect(breaches).toEqual([]);
});

test('the core has no console, and only the command line ends the process', () => {
  const breaches = files.filter((file) => {
    const text = readFileSync(join(src, file), 'utf8').replaceAll(/\/\*[^]*?\*\/|\/\/.*/g, '');
    if (/\beval\(|new Function\(/.test(text)) return true;
    return (
      !['cli.ts', 'commands', 'io'].includes(partOf(file)) &&
      /\bconsole\.|process\.(exit|stdout|stderr)\b/.test(text)
    );
  });
  expect(breaches).toEqual([]);
});

/** What other processes and this one are asked for goes through io; each of these is to go. */
const stillMeets: ReadonlySet<string> = new Set([
  'sources/facts/private.ts',
  'sources/git/git.ts',
  'sources/git/process.ts',
  'sources/s3/sdk.ts',
]);

test('only io meets the process', () => {
  const breaches = files.filter((file) => {
    if (partOf(file) === 'io' || file === 'report/html/page-bundle.ts') return false;
    return /(?<![./\w])process\.(?!ts\b)[a-z]|from 'node:process'/.test(codeOf(file));
  });
  expect(breaches.filter((file) => !stillMeets.has(file))).toEqual([]);
});

test('no flag of V8 is set at run time', () => {
  expect(files.filter((file) => /setFlagsFromString/.test(codeOf(file)))).toEqual([]);
});

test('no list of any length becomes the arguments of a call', () => {
  const breaches = files.filter(
    (file) =>
      file !== 'report/html/page-bundle.ts' &&
      /\.(?:push|unshift)\(\s*\.\.\.|(?:push|unshift)\.apply\(/.test(codeOf(file)),
  );
  expect(breaches).toEqual([]);
});

/** A file without its comments. */
function codeOf(file: string): string {
  return readFileSync(join(src, file), 'utf8').replaceAll(/\/\*[^]*?\*\/|(?<![:'])\/\/.*/g, '');
}

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
