/** An entry of a tree object. */
export interface TreeEntry {
  /** `100644`, `100755`, `120000`, `160000`, or `40000` for a directory. */
  readonly mode: string;
  readonly id: string;
}

/** The entries of a tree object by their names: `<mode> <name>`, NUL and the id's bytes for each. */
export function treeEntries(tree: Uint8Array, idBytes: number): ReadonlyMap<string, TreeEntry> {
  const bytes = Buffer.from(tree.buffer, tree.byteOffset, tree.length);
  const entries = new Map<string, TreeEntry>();
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(0x20, at);
    const end = bytes.indexOf(0, space);
    if (space < 0 || end < 0) throw new Error('no tree object');
    const mode = bytes.toString('latin1', at, space);
    at = end + 1 + idBytes;
    entries.set(bytes.toString('utf8', space + 1, end), {
      mode,
      id: bytes.toString('hex', end + 1, at),
    });
  }
  return entries;
}
