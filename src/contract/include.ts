import { posix } from 'node:path';
import { KeydriftError, matchesGlob, quote } from '../model/index.ts';

/** A contract's text, and those that its `include` names. */
export interface ContractText {
  /** Absolute, or from the root of a commit. */
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly text: string;
  /** In the order of `include`; of a glob in the order of their names. */
  readonly included: readonly ContractText[];
  /** What is wrong with `include`, by the place in its list. */
  readonly faults: readonly IncludeFault[];
}

export interface IncludeFault {
  readonly index: number;
  readonly message: string;
  readonly hint: string | null;
}

/** Where contracts are read from: a file system, or a commit. */
export interface ContractStore {
  /** Null: no file is there. Throws `CONTRACT_UNREADABLE`. */
  read(path: string): Promise<Uint8Array | null>;
  /** Names in a folder, those of folders with a `/` at their end; none where there is no folder. */
  list(folder: string): Promise<readonly string[]>;
}

const most = { files: 500, depth: 8, bytes: 16 * 1024 * 1024, names: 50_000 } as const;

/** What is left of the bounds while files are read. */
interface Walk {
  readonly store: ContractStore;
  files: number;
  bytes: number;
  names: number;
}

/** Reads what a contract includes, and what that includes; bounded, and never in a circle. */
export async function readIncluded(
  file: { readonly path: string; readonly bytes: Uint8Array },
  store: ContractStore,
): Promise<ContractText> {
  return readText({ store, files: 0, bytes: 0, names: 0 }, file, []);
}

async function readText(
  walk: Walk,
  { path, bytes }: { readonly path: string; readonly bytes: Uint8Array },
  above: readonly string[],
): Promise<ContractText> {
  const text = decodeContract(path, bytes);
  const included: ContractText[] = [];
  const faults: IncludeFault[] = [];
  for (const [index, pattern] of (await includesOf(text)).entries()) {
    try {
      for (const one of await filesOf(walk, path, pattern)) {
        included.push(await readText(walk, one, checkedChain([...above, path], one.path)));
      }
    } catch (thrown) {
      if (!(thrown instanceof KeydriftError) || thrown.code !== 'CONTRACT_INVALID') throw thrown;
      faults.push({ index, message: thrown.message, hint: thrown.hint });
    }
  }
  return { path, bytes, text, included, faults };
}

/** The text of a contract. Throws `CONTRACT_UNREADABLE`. */
function decodeContract(path: string, bytes: Uint8Array): string {
  if (bytes.length > most.bytes) {
    throw new KeydriftError('CONTRACT_UNREADABLE', `${path} has more than 16 MiB`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new KeydriftError('CONTRACT_UNREADABLE', `${path} is not UTF-8 text`, { cause });
  }
}

/** The paths of `include`; what is misshapen is reported when the contract is parsed. */
async function includesOf(text: string): Promise<readonly string[]> {
  if (!/\binclude\b/.test(text)) return [];
  const { readPlain } = await import('./plain.ts');
  const { data } = readPlain(text) ?? (await import('./thoroughly.ts')).readContractFile(text);
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return [];
  const { include } = data;
  return Array.isArray(include)
    ? include.map((item) => (typeof item === 'string' ? item : ''))
    : [];
}

/** The files that a path of `include` names. Throws `CONTRACT_INVALID` where there is none. */
async function filesOf(
  walk: Walk,
  by: string,
  pattern: string,
): Promise<readonly { readonly path: string; readonly bytes: Uint8Array }[]> {
  if (pattern === '') return [];
  const joined = posix.join(posix.dirname(by), pattern);
  if (joined.startsWith('../')) throw refused(`${quote(pattern)} leaves the repository`);
  const paths = /[*?]/.test(pattern) ? await expand(walk, joined) : [joined];
  const files = [];
  for (const path of paths) {
    const bytes = await walk.store.read(path);
    if (bytes === null) continue;
    walk.files += 1;
    walk.bytes += bytes.length;
    if (walk.files > most.files || walk.bytes > most.bytes) {
      throw refused(`more than ${most.files} files, or 16 MiB, are included`);
    }
    files.push({ path, bytes });
  }
  if (files.length === 0) throw refused(`${quote(pattern)} names no file`, 'Look for a typo.');
  return files;
}

function checkedChain(above: readonly string[], path: string): readonly string[] {
  if (above.includes(path)) throw refused(`it includes itself: ${posix.basename(path)}`);
  if (above.length >= most.depth) throw refused(`includes are deeper than ${most.depth} files`);
  return above;
}

/** Files that a glob names, in the order of their names. Hidden names must be written out. */
async function expand(walk: Walk, pattern: string): Promise<readonly string[]> {
  const isAbsolute = pattern.startsWith('/');
  const parts = pattern.split('/').filter((part) => part !== '');
  const found = new Set<string>();
  const visit = async (folder: string, at: number): Promise<void> => {
    const part = parts[at];
    if (part === undefined) return;
    const isLast = at === parts.length - 1;
    if (!/[*?]/.test(part) && !isLast) return visit(posix.join(folder, part), at + 1);
    const names = await walk.store.list(folder);
    walk.names += names.length;
    if (walk.names > most.names) throw refused(`${quote(pattern)} looks at too many files`);
    if (part === '**' && !isLast) await visit(folder, at + 1);
    for (const name of [...names].sort()) {
      const bare = name.replace(/\/$/, '');
      const isFolder = bare !== name;
      if (part === '**' && isFolder && !name.startsWith('.')) {
        await visit(posix.join(folder, bare), at);
      } else if (part !== '**' && matchesGlob(bare, part)) {
        if (isLast && !isFolder) found.add(posix.join(folder, bare));
        else if (!isLast && isFolder) await visit(posix.join(folder, bare), at + 1);
      }
    }
  };
  await visit(isAbsolute ? '/' : '', 0);
  return [...found];
}

function refused(message: string, hint: string | null = null): KeydriftError {
  return new KeydriftError('CONTRACT_INVALID', message, { hint });
}
