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
