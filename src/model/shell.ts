/** An argument as a POSIX shell reads it back, safe to paste: no raw control ever. */
export function shellQuote(argument: string): string {
  if (/^[\w@%+=:,./-]+$/.test(argument)) return argument;
  if (!/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}/u.test(argument)) {
    return `'${argument.replaceAll("'", String.raw`'\''`)}'`;
  }
  const octets = Array.from(new TextEncoder().encode(argument), (octet) =>
    octet >= 0x20 && octet < 0x7f
      ? String.fromCharCode(octet).replace(/['\\]/, String.raw`\$&`)
      : String.raw`\x${octet.toString(16).padStart(2, '0')}`,
  );
  return `$'${octets.join('')}'`;
}
