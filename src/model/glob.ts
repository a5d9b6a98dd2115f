/*
 * Globs of names, as contracts and command lines say them.
 */

/**
 * Whether a name is one of a glob: `*` any text, `?` one character; a dot at the start is written
 * out. Each character is looked at a bounded number of times, whatever the glob.
 */
export function matchesGlob(name: string, glob: string): boolean {
  if (name.startsWith('.') && !glob.startsWith('.')) return false;
  let [at, index, star, mark] = [0, 0, -1, 0];
  while (index < name.length) {
    if (glob[at] === '*') {
      star = at;
      at += 1;
      mark = index;
    } else if (at < glob.length && (glob[at] === '?' || glob[at] === name[index])) {
      at += 1;
      index += 1;
    } else if (star !== -1) {
      at = star + 1;
      mark += 1;
      index = mark;
    } else return false;
  }
  while (glob[at] === '*') at += 1;
  return at === glob.length;
}

/** Whether a path is one of a glob: part by part, `**` any number of folders, none hidden. */
export function matchesPathGlob(path: string, glob: string): boolean {
  const [names, parts] = [path.split('/'), glob.split('/')];
  // Of each part of the glob: whether the names so far are those of the parts before it.
  let reached = parts.map((_, at) => parts.slice(0, at).every((part) => part === '**'));
  let ended = false;
  for (const [index, name] of names.entries()) {
    const next = parts.map(() => false);
    ended = false;
    for (const [at, part] of parts.entries()) {
      if (reached[at] !== true) continue;
      const isLast = at === parts.length - 1;
      if (part === '**') {
        if (name.startsWith('.')) continue;
        next[at] = true;
        if (isLast) ended = true;
        else next[at + 1] = true;
      } else if (matchesGlob(name, part)) {
        if (isLast) ended ||= index === names.length - 1;
        else next[at + 1] = true;
      }
    }
    // Folders that `**` stands for may be none.
    for (let at = 1; at < parts.length; at += 1) {
      if (next[at - 1] === true && parts[at - 1] === '**') next[at] = true;
    }
    reached = next;
  }
  return ended;
}
