import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';

/**
 * Git's plainest commands (`init`, `add`, `commit`, `rev-parse HEAD`) without a process, since most
 * repositories of tests need no more and a start of git costs more than all that it then does. What
 * is not as plain as that (attributes, submodules, links to trees, merges, anything configured)
 * gives null: the caller starts git. `test/plain-git.test.ts` holds it against git.
 */
export function plainGit(
  directory: string,
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): string | null {
  const [command, ...words] = args;
  if (command === 'init') return init(directory, words);
  if (readText(join(directory, '.git/config')) !== config) return null;
  if (unusual.some((name) => existsSync(join(directory, name)))) return null;
  if (command === 'rev-parse') return words.join() === 'HEAD' ? headOf(directory) : null;
  if (command === 'add') return add(directory, words);
  return command === 'commit' ? commit(directory, words, environment) : null;
}

/** What `init --template=` writes. */
const config =
  '[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n\tlogallrefupdates = true\n';

/** Where one of these is, git itself is asked. */
const unusual = [
  '.gitattributes',
  '.gitmodules',
  '.git/MERGE_HEAD',
  '.git/CHERRY_PICK_HEAD',
  '.git/commondir',
  '.git/shallow',
  '.git/info',
  '.git/hooks',
  '.git/objects/info/alternates',
  '.git/index.lock',
];

function init(directory: string, words: readonly string[]): string | null {
  const known = new Set(['--quiet', '--template=', '--initial-branch=main']);
  const root = join(directory, '.git');
  if (!words.every((word) => known.has(word)) || existsSync(root)) return null;
  for (const folder of ['objects/info', 'objects/pack', 'refs/heads', 'refs/tags']) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  writeFileSync(join(root, 'HEAD'), 'ref: refs/heads/main\n');
  writeFileSync(join(root, 'config'), config);
  return '';
}

/** A file as the index has it. */
interface Entry {
  readonly path: string;
  readonly mode: number;
  readonly id: Buffer;
}

function add(directory: string, words: readonly string[]): string | null {
  const paths = words.filter((word) => word !== '--' && word !== '--all');
  const ignored = ignoredNames(directory);
  if (ignored === null) return null;
  const all = words.includes('--all');
  const wanted = all && paths.length === 0 ? filesBelow(directory, '', ignored) : paths;
  if (wanted === null || !wanted.every((path) => isPlain(path))) return null;
  const before = readIndex(directory);
  if (before === null || (!all && paths.length === 0)) return null;
  // What is in the index is not ignored any more, and what is ignored is not added.
  const known = [...before.keys(), ...wanted].flatMap((path) => path.split('/'));
  if (known.some((name) => ignored.has(name))) return null;
  const entries = all ? new Map<string, Entry>() : new Map(before);
  for (const path of wanted) {
    const entry = stored(directory, path);
    if (entry === null) return null;
    entries.set(path, entry);
  }
  writeIndex(directory, entries);
  return '';
}

function isPlain(path: string): boolean {
  return /^[^/:*?[\\-][^:*?[\\]*$/.test(path) && !/(^|\/)\.\.?(\/|$)|\/\/|\/$/.test(path);
}

/** Names that a working tree ignores wherever they stand; null where it says more than names. */
function ignoredNames(directory: string): ReadonlySet<string> | null {
  const lines = (readText(join(directory, '.gitignore')) ?? '').split('\n').filter(Boolean);
  return lines.every((line) => /^\w[\w.-]*$/.test(line)) ? new Set(lines) : null;
}

/** Paths of all files of a working tree; null where something in it is no file of ours. */
function filesBelow(
  directory: string,
  prefix: string,
  ignored: ReadonlySet<string>,
): string[] | null {
  const found: string[] = [];
  for (const { name } of readdirSync(join(directory, prefix), { withFileTypes: true })) {
    if ((prefix === '' && name === '.git') || ignored.has(name)) continue;
    if (unusual.includes(name) || name === '.git') return null;
    if (prefix !== '' && name === '.gitignore') return null;
    const path = `${prefix}${name}`;
    if (!lstatSync(join(directory, path)).isDirectory()) {
      found.push(path);
      continue;
    }
    const below = filesBelow(directory, `${path}/`, ignored);
    if (below === null) return null;
    for (const file of below) found.push(file);
  }
  return found;
}

/** Stores a file as a blob. Null: it is neither a file nor a link. */
function stored(directory: string, path: string): Entry | null {
  const file = join(directory, path);
  const stat = lstatSync(file, { throwIfNoEntry: false });
  if (stat?.isSymbolicLink() === true) {
    return { path, mode: 0o120000, id: write(directory, 'blob', Buffer.from(readlinkSync(file))) };
  }
  if (stat?.isFile() !== true) return null;
  const mode = (stat.mode & 0o100) === 0 ? 0o100644 : 0o100755;
  return { path, mode, id: write(directory, 'blob', readFileSync(file)) };
}

function commit(
  directory: string,
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): string | null {
  const at = words.findIndex((word) => word === '--message' || word.startsWith('--message='));
  if (at < 0) return null;
  const inOne = words[at] !== '--message';
  const message = inOne ? words[at]!.slice('--message='.length) : (words[at + 1] ?? '');
  const rest = words.filter((_, index) => index !== at && (inOne || index !== at + 1));
  const known = new Set(['--quiet', '--allow-empty', '--all']);
  if (!rest.every((word) => known.has(word)) || !/^\S([^\n]*\S)?$/.test(message)) return null;
  const head = readText(join(directory, '.git/HEAD'));
  const [, branch] = /^ref: (refs\/heads\/[\w/.-]+)\n$/.exec(head ?? '') ?? [];
  const entries = readIndex(directory);
  const people = [identity('AUTHOR', environment), identity('COMMITTER', environment)];
  if (branch === undefined || entries === null || people.includes(null)) return null;
  if (rest.includes('--all') && !updateAll(directory, entries)) return null;
  const parent = refOf(directory, branch);
  const tree = writeTree(directory, [...entries.values()], '').toString('hex');
  const before = parent === null ? null : trees.get(parent);
  // Git refuses to commit nothing; of a commit of its own only git knows the tree.
  if (!rest.includes('--allow-empty') && (before === undefined || before === tree)) return null;
  const lines = [
    `tree ${tree}`,
    ...(parent === null ? [] : [`parent ${parent}`]),
    `author ${people[0]}`,
    `committer ${people[1]}`,
    '',
    `${message}\n`,
  ];
  const id = write(directory, 'commit', Buffer.from(lines.join('\n'))).toString('hex');
  mkdirSync(join(directory, '.git', branch, '..'), { recursive: true });
  writeFileSync(join(directory, '.git', branch), `${id}\n`);
  writeIndex(directory, entries);
  trees.set(id, tree);
  return '';
}

/** Trees by the commits that were written here: no object is ever read. */
const trees = new Map<string, string>();

function updateAll(directory: string, entries: Map<string, Entry>): boolean {
  for (const path of entries.keys()) {
    const entry = stored(directory, path);
    if (entry !== null) entries.set(path, entry);
    else if (existsSync(join(directory, path))) return false;
    else entries.delete(path);
  }
  return true;
}

function identity(
  role: 'AUTHOR' | 'COMMITTER',
  environment: Readonly<Record<string, string | undefined>>,
): string | null {
  const name = environment[`GIT_${role}_NAME`] ?? 'Test';
  const email = environment[`GIT_${role}_EMAIL`] ?? 'test@example.org';
  const date = environment[`GIT_${role}_DATE`];
  const seconds = secondsOf(date);
  return seconds === null ? null : `${name} <${email}> ${seconds} +0000`;
}

function secondsOf(date: string | undefined): number | null {
  if (date === undefined) return Math.floor(Date.now() / 1000);
  const [, raw] = /^@?(\d{9,}) \+0000$/.exec(date) ?? [];
  if (raw !== undefined) return Number(raw);
  const isIso = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)$/.test(date);
  return isIso ? Math.floor(Date.parse(date) / 1000) : null;
}

function headOf(directory: string): string | null {
  const head = readText(join(directory, '.git/HEAD'))?.trim() ?? '';
  return head.startsWith('ref: ') ? refOf(directory, head.slice('ref: '.length)) : null;
}

function refOf(directory: string, ref: string): string | null {
  const loose = readText(join(directory, '.git', ref))?.trim();
  if (loose !== undefined) return loose;
  const packed = readText(join(directory, '.git/packed-refs')) ?? '';
  return (
    packed
      .split('\n')
      .find((line) => line.endsWith(` ${ref}`))
      ?.slice(0, 40) ?? null
  );
}

/** Writes the tree of the entries below a folder; gives its id. */
function writeTree(directory: string, entries: readonly Entry[], prefix: string): Buffer {
  const items = new Map<string, { readonly mode: string; readonly id: Buffer; sort: string }>();
  const folders = new Map<string, Entry[]>();
  for (const entry of entries) {
    const rest = entry.path.slice(prefix.length);
    const slash = rest.indexOf('/');
    if (slash < 0) items.set(rest, { mode: entry.mode.toString(8), id: entry.id, sort: rest });
    else folders.set(rest.slice(0, slash), [...(folders.get(rest.slice(0, slash)) ?? []), entry]);
  }
  for (const [name, inside] of folders) {
    const id = writeTree(directory, inside, `${prefix}${name}/`);
    items.set(name, { mode: '40000', id, sort: `${name}/` });
  }
  const sorted = [...items].toSorted(([, a], [, b]) => Buffer.compare(utf8(a.sort), utf8(b.sort)));
  const parts = sorted.flatMap(([name, { mode, id }]) => [utf8(`${mode} ${name}\0`), id]);
  return write(directory, 'tree', Buffer.concat(parts));
}

function utf8(text: string): Buffer {
  return Buffer.from(text);
}

/** Writes an object where it is not there yet; gives its id. */
function write(directory: string, type: string, content: Buffer): Buffer {
  const whole = Buffer.concat([utf8(`${type} ${content.length}\0`), content]);
  const id = createHash('sha1').update(whole).digest();
  const hex = id.toString('hex');
  const folder = join(directory, '.git/objects', hex.slice(0, 2));
  const file = join(folder, hex.slice(2));
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true });
    const level = whole.length < 65_536 ? 1 : 0;
    writeFileSync(file, deflateSync(whole, { level }), { mode: 0o444 });
  }
  return id;
}

/** The entries of an index (version 2, without conflicts); null where it is another. */
function readIndex(directory: string): Map<string, Entry> | null {
  const file = join(directory, '.git/index');
  if (!existsSync(file)) return new Map();
  const bytes = readFileSync(file);
  if (bytes.readUInt32BE(4) !== 2) return null;
  const entries = new Map<string, Entry>();
  let at = 12;
  for (let left = bytes.readUInt32BE(8); left > 0; left -= 1) {
    const flags = bytes.readUInt16BE(at + 60);
    const end = bytes.indexOf(0, at + 62);
    if ((flags & 0xf000) !== 0) return null;
    const path = bytes.toString('utf8', at + 62, end);
    const id = Buffer.from(bytes.subarray(at + 40, at + 60));
    entries.set(path, { path, mode: bytes.readUInt32BE(at + 24), id });
    at += Math.floor((end - at) / 8) * 8 + 8;
  }
  return entries;
}

/** Writes an index whose entries say nothing of files on disk: git looks at their content. */
function writeIndex(directory: string, entries: ReadonlyMap<string, Entry>): void {
  const sorted = [...entries.values()].toSorted((a, b) =>
    Buffer.compare(utf8(a.path), utf8(b.path)),
  );
  const parts = sorted.map(({ path, mode, id }) => {
    const name = utf8(path);
    const entry = Buffer.alloc(Math.floor((62 + name.length) / 8) * 8 + 8);
    entry.writeUInt32BE(mode, 24);
    id.copy(entry, 40);
    entry.writeUInt16BE(Math.min(name.length, 0xfff), 60);
    name.copy(entry, 62);
    return entry;
  });
  const head = Buffer.from('DIRC\0\0\0\x02\0\0\0\0', 'latin1');
  head.writeUInt32BE(sorted.length, 8);
  const whole = Buffer.concat([head, ...parts]);
  const sum = createHash('sha1').update(whole).digest();
  writeFileSync(join(directory, '.git/index'), Buffer.concat([whole, sum]));
}

function readText(file: string): string | undefined {
  return existsSync(file) && lstatSync(file).isFile() ? readFileSync(file, 'utf8') : undefined;
}
