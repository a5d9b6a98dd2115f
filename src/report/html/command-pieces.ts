const option = /(^|\s)(--?[a-z0-9](?:[a-z0-9-]{0,24}[a-z0-9])?)(?=[\s=]|$)/;

/** A command in pieces: each second one is an option, which no line end is to cut at its dashes. */
export function commandPieces(command: string): readonly string[] {
  const [, blank = '', found] = option.exec(command) ?? [];
  if (found === undefined) return [command];
  const at = command.search(option) + blank.length;
  return [command.slice(0, at), found, ...commandPieces(command.slice(at + found.length))];
}
