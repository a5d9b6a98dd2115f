// Parts that one command loads together become one file: a file costs as much as 20 kB of code.
import { createHash } from 'node:crypto';
import { basename, resolve } from 'node:path';
import { build } from 'esbuild';

/**
 * What is loaded together, by the modules that begin it: these, and all that they import statically.
 * A part goes to the first pack that reaches it.
 */
const packs = {
  // What is loaded before Node is told where it may keep what it compiles.
  begin: ['src/cli.ts'],
  // Every audit of a file against git.
  start: [
    'src/commands/program.ts',
    'src/commands/audit/command.ts',
    'src/commands/audit/audit.ts',
    'src/contract/plain.ts',
    'src/contract/parse.ts',
    'src/contract/plainly.ts',
    'src/sources/git/git.ts',
    'src/sources/git/last-change.ts',
    'src/sources/file/file.ts',
    'src/formats/csv/csv.ts',
    'src/engine/kernel/engine.ts',
  ],
  // What readers make of a copy with other bytes.
  readers: ['src/formats/csv/tried.ts'],
  // What it shares with the next is loaded of it.
  json: ['src/report/outputs/json.ts'],
  // What drifted is explained.
  drift: [
    'src/sources/git/reviewed.ts',
    'src/sources/git/unmerged.ts',
    'src/judge/causes.ts',
    'src/commands/what-to-do.ts',
  ],
  text: ['src/report/outputs/text.ts'],
  diff: ['src/commands/diff/command.ts', 'src/commands/diff/diff.ts'],
  run: ['src/commands/run/command.ts', 'src/commands/run/run.ts'],
  s3: ['src/sources/s3/store.ts'],
  sdk: ['src/sources/s3/commands.ts'],
};

/** The program itself stays a file of its own. */
const program = 'keydrift.cjs';

/** Where a part asks for another one; `__toESM` would copy it, name by name. */
const asked = /__toESM\(require\("part:([^"]*)"\)\)|require\("part:([^"]*)"\)/g;

/**
 * The files of the program as CommonJS, by path. `files`: the parts, as ES modules by path; a pack is
 * bundled of them anew, so that its modules share one scope and ask each other by no lookup.
 */
export async function packParts(files, { outputs }, options) {
  for (const [name, { entryPoint, exports }] of Object.entries(outputs)) {
    const isEmpty = entryPoint !== undefined && exports.length === 0;
    if (isEmpty && basename(name) !== program) throw new Error(`${entryPoint} gives nothing`);
  }
  const packOf = findPacks(outputs);
  const codes = new Map(files.map(({ path, text }) => [basename(path), text]));
  const needed = neededByName(outputs, packOf);
  const heldBy = (pack) => {
    const parts = [...packOf].flatMap(([part, own]) => (own === pack ? [part] : []));
    return parts.sort((a, b) => (a < b ? -1 : 1));
  };
  const fileOf = new Map(
    Object.keys(packs).map((pack) => {
      const hash = createHash('sha256').update(heldBy(pack).join()).digest('hex').slice(0, 8);
      return [pack, `${pack}-${hash}.cjs`];
    }),
  );
  const bundle = async (parts, entry) => {
    const plugins = [partsOf(parts, codes, entry)];
    const { outputFiles } = await build({ ...options, entryPoints: ['part:'], plugins });
    return outputFiles[0].text;
  };
  const packed = Object.keys(packs).map(async (pack) => {
    const parts = heldBy(pack);
    const names = parts.filter((part) => needed.has(part));
    const imports = names.map((name, at) => `import * as part${at} from "./${name}";`);
    const table = names.map((name, at) => `${JSON.stringify(name)}:part${at},`);
    const text = await bundle(parts, `${imports.join('')}keydriftParts={${table.join('')}};`);
    const code = text.replaceAll(asked, (_, copied, name = copied) =>
      packOf.get(name) === pack ? `keydriftPart("${name}")` : required(name, './'),
    );
    return { path: resolve('dist/parts', fileOf.get(pack)), contents: Buffer.from(head + code) };
  });
  const others = files.flatMap(({ path }) => {
    const name = basename(path);
    return packOf.has(name) ? [] : [other(path, name)];
  });
  /** A part that no pack holds. */
  async function other(path, name) {
    const text = await bundle([], codes.get(name));
    const folder = name === program ? './parts/' : './';
    const code = text.replaceAll(asked, (_, copied, part = copied) => required(part, folder));
    return { path, contents: Buffer.from(code) };
  }
  /** What gives a part to a file beside the folder of the parts, or in it. */
  function required(name, folder) {
    const pack = packOf.get(name);
    return pack === undefined
      ? `require("${folder}${name}")`
      : `require("${folder}${fileOf.get(pack)}")("${name}")`;
  }
  return Promise.all([...packed, ...others]);
}

/** What gives a part of a pack by its name. */
const head = `"use strict";let keydriftParts;const keydriftPart=name=>keydriftParts[name];module.exports=keydriftPart;
`;

/** Resolves a bundle's own parts, and leaves all others to be asked for. */
function partsOf(parts, codes, entry) {
  const own = new Set(parts);
  return {
    name: 'parts',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^part:$/ }, () => ({ path: 'entry', namespace: 'part' }));
      onResolve({ filter: /\.cjs$/ }, ({ path, kind }) => {
        const name = basename(path);
        return own.has(name) && kind === 'import-statement'
          ? { path: name.replace(/cjs$/, 'mjs'), namespace: 'part' }
          : { path: `part:${name}`, external: true };
      });
      onLoad({ filter: /./, namespace: 'part' }, ({ path }) => ({
        contents: path === 'entry' ? entry : codes.get(path.replace(/mjs$/, 'cjs')),
        resolveDir: process.cwd(),
      }));
    },
  };
}

/** The pack of each part that has one. */
function findPacks(outputs) {
  const packOf = new Map();
  for (const [pack, roots] of Object.entries(packs)) {
    for (const root of roots) {
      const entry = Object.keys(outputs).find((name) => outputs[name].entryPoint === root);
      if (entry === undefined) throw new Error(`no part begins with ${root}`);
      for (const part of reachedFrom(entry, outputs)) {
        if (part !== program && !packOf.has(part)) packOf.set(part, pack);
      }
    }
  }
  return packOf;
}

/** Parts of packs that another file asks for, or their own one later. */
function neededByName(outputs, packOf) {
  const names = Object.entries(outputs).flatMap(([from, { imports }]) =>
    imports.flatMap(({ path, kind }) => {
      const pack = packOf.get(basename(path));
      const isOwn = pack === packOf.get(basename(from)) && kind === 'import-statement';
      return pack === undefined || isOwn ? [] : [basename(path)];
    }),
  );
  return new Set(names);
}

/** A part, and all that it imports statically. */
function reachedFrom(entry, outputs) {
  const names = new Set();
  const open = [entry];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (names.has(basename(file))) continue;
    names.add(basename(file));
    for (const { path, kind } of outputs[file]?.imports ?? []) {
      if (kind === 'import-statement' && outputs[path] !== undefined) open.push(path);
    }
  }
  return names;
}
