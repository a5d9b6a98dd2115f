const option = /(?<=^|\s)(--?[a-z0-9](?:[a-z0-9-]{0,24}[a-z0-9])?)(?=[\s=]|$)/;

/** A command in pieces: each second one is an option, which no line end is to cut at its dashes. */
export function commandPieces(command: string): readonly string[] {
  return command.split(option);
}
