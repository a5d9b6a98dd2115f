import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';

/** What a part of the bundle asks for: another part (`./…`), or a module of Node's own. */
type Require = (name: string) => unknown;

/** The parts of the bundle, CommonJS files in one folder; each runs once, when it is first asked for. */
export interface Parts {
  readonly load: Require;
  /** What was compiled here, by name. */
  readonly scripts: ReadonlyMap<string, Script>;
}

/**
 * Opens the parts in a folder. `used`: what the build compiled for this very Node is taken over,
 * and without it Node loads the file itself. `made`: everything is compiled here.
 */
export function openParts(directory: string, node: Require, caches: 'used' | 'made'): Parts {
  const loaded = new Map<string, { exports: unknown }>();
  const scripts = new Map<string, Script>();
  const load = (name: string): unknown => {
    if (!name.startsWith('./')) return node(name);
    const known = loaded.get(name);
    if (known !== undefined) return known.exports;
    const file = join(directory, name);
    const cachedData = caches === 'used' ? readCache(file) : undefined;
    const module = { exports: {} as unknown };
    loaded.set(name, module);
    if (caches === 'used' && cachedData === undefined) module.exports = node(file);
    else {
      // Whatever does not fit this Node after all is rejected by V8, which then compiles.
      const script = new Script(wrapped(file), { filename: file, cachedData });
      scripts.set(name, script);
      const run: (exports: unknown, require: Require, module: object) => void =
        script.runInThisContext();
      run(module.exports, load, module);
    }
    return module.exports;
  };
  return { load, scripts };
}

/** Where the code cache of a part is, for this Node. */
export function cachePath(file: string): string {
  return file.replace(/\.cjs$/, `.${nodeName()}.cache`);
}

/** The source as V8 compiles it. All of it is ASCII, which needs no decoding. */
export function wrapped(file: string): string {
  return `(function(exports,require,module){${readFileSync(file, 'latin1')}\n})`;
}

function readCache(file: string): Buffer | undefined {
  try {
    return readFileSync(cachePath(file));
  } catch {
    return undefined;
  }
}

/** This Node and no other build of the same version: V8 checks only what it knows to differ. */
function nodeName(): string {
  const { size } = statSync(process.execPath);
  return `${process.version}-${process.platform}-${process.arch}-${size}`;
}
