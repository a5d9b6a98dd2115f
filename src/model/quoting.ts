/** The signs that begin such a command. */
const broken: ReadonlySet<number> = new Set([0x23, 0x3a]);
/** What a CI reads as a command where it stands in a log. */
const commandOfCi = /##[a-z]*\[|(?:^|\s)::/i;

/** An argument as a POSIX shell reads it back, safe to paste and to log: no raw control ever. */
export function shellQuote(argument: string): string {
  const isCommand = commandOfCi.test(argument);
  if (!isCommand && /^[\w@%+=:,./-]+$/.test(argument)) return argument;
  if (
    !isCommand &&
    !/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}/u.test(argument)
  ) {
    return `'${argument.replaceAll("'", String.raw`'\''`)}'`;
  }
  const octets = Array.from(new TextEncoder().encode(argument), (octet) =>
    octet >= 0x20 && octet < 0x7f && !(isCommand && broken.has(octet))
      ? String.fromCharCode(octet).replace(/['\\]/, String.raw`\$&`)
      : String.raw`\x${octet.toString(16).padStart(2, '0')}`,
  );
  return `$'${octets.join('')}'`;
}

/** A cell of CSV, in quotes where it needs them. */
export function csvCell(value: string): string {
  return /[",\r\n]/.test(value) ? doubleQuoted(value) : value;
}

/** A text in double quotes, its own doubled: a cell of CSV, or a name of SQL. */
export function doubleQuoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

/** A text in single quotes, its own doubled: a text of SQL. */
export function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
