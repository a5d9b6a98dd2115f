// Parts that one command loads together become one file: a file costs as much as 20 kB of code.
import { createHash } from 'node:crypto';
import { basename, resolve } from 'node:path';

/**
 * What is loaded together, by the modules that begin it: these, and all that they import statically.
 * A part goes to the first pack that reaches it, and is still run only when it is asked for.
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
    'src/sources/file/file.ts',
    'src/formats/csv/csv.ts',
    'src/engine/kernel/engine.ts',
  ],
  // What readers make of a copy with other bytes.
  readers: ['src/formats/csv/tried.ts'],
  // What drifted is explained.
  drift: [
    'src/sources/git/reviewed.ts',
    'src/sources/git/unmerged.ts',
    'src/judge/causes.ts',
    'src/commands/what-to-do.ts',
  ],
  json: ['src/report/outputs/json.ts'],
  text: ['src/report/outputs/text.ts'],
  diff: ['src/commands/diff/command.ts', 'src/commands/diff/diff.ts'],
  run: ['src/commands/run/command.ts', 'src/commands/run/run.ts'],
  s3: ['src/sources/s3/store.ts'],
  sdk: ['src/sources/s3/commands.ts'],
};

/** The program itself stays a file of its own. */
const program = 'keydrift.cjs';

const asked = /require\("(\.{1,2}\/[^"]*\.cjs)"\)/g;

/** The same files with packs in the place of the parts that they hold. */
export function packParts(files, { outputs }) {
  for (const [name, { entryPoint, exports }] of Object.entries(outputs)) {
    const isEmpty = entryPoint !== undefined && exports.length === 0;
    if (isEmpty && basename(name) !== program) throw new Error(`${entryPoint} gives nothing`);
  }
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
  const codes = new Map(files.map(({ path, contents }) => [basename(path), String(contents)]));
  const fileOf = new Map();
  for (const pack of Object.keys(packs)) {
    const held = [...packOf].filter(([, own]) => own === pack).map(([part]) => part);
    const names = held.sort((a, b) => (a < b ? -1 : 1)).join();
    const hash = createHash('sha256').update(names).digest('hex').slice(0, 8);
    fileOf.set(pack, `${pack}-${hash}.cjs`);
  }
  const rewritten = (name, code) =>
    code.replaceAll(asked, (whole, path) => {
      const part = basename(path);
      const pack = packOf.get(part);
      if (pack === undefined) return whole;
      if (pack === packOf.get(name)) return `keydriftPart("${part}")`;
      const place = path.slice(0, path.length - part.length) + fileOf.get(pack);
      return `require("${place}")("${part}")`;
    });
  const packed = Object.keys(packs).map((pack) => {
    const bodies = [...packOf].flatMap(([part, own]) =>
      // In parentheses, so that what is run at once is compiled at once.
      own !== pack
        ? []
        : [`"${part}":(function(exports,module){${rewritten(part, codes.get(part))}})`],
    );
    return { path: resolve('dist/parts', fileOf.get(pack)), contents: Buffer.from(pick(bodies)) };
  });
  const others = files.flatMap(({ path, contents }) => {
    const name = basename(path);
    if (packOf.has(name)) return [];
    return [{ path, contents: Buffer.from(rewritten(name, String(contents))) }];
  });
  return [...others, ...packed];
}

/** A file that gives a part by its name, and runs it when it is first asked for. */
function pick(bodies) {
  return `"use strict";const keydriftRun={},keydriftPart=name=>{
if(keydriftRun[name]===undefined){const part=keydriftRun[name]={exports:{}};keydriftBodies[name](part.exports,part)}
return keydriftRun[name].exports};
module.exports=keydriftPart;
const keydriftBodies={${bodies.join(',\n')}};
`;
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
