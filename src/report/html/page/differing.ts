/** Up to here the eye sees a difference by itself. */
const easilySeen = 12;

/**
 * A text in three parts: what it begins with as `other` does, what differs, what it ends with as
 * `other` does. A character is never cut. Of texts that are short, or that share little, all
 * differs.
 */
export function differingPart(
  text: string,
  other: string,
): readonly [before: string, part: string, after: string] {
  const [own, others] = [Array.from(text), Array.from(other)];
  const most = Math.min(own.length, others.length);
  let start = 0;
  while (start < most && own[start] === others[start]) start += 1;
  let end = 0;
  while (end < most - start && own.at(-1 - end) === others.at(-1 - end)) end += 1;
  const longest = Math.max(own.length, others.length);
  if (longest <= easilySeen || start + end < longest / 2) return ['', text, ''];
  const cut = own.length - end;
  return [own.slice(0, start).join(''), own.slice(start, cut).join(''), own.slice(cut).join('')];
}
