import { eastAsianWidth } from 'get-east-asian-width';

/** Latin letters, signs and the marks of reports: one column each, and each a character by itself. */
const narrow = /^[\u0020-\u007e\u00a0-\u00ac\u00ae-\u02ff\u2010-\u2027\u2190-\u2193]*$/;

const patterns = once(() => ({
  visible:
    /[^\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\p{Nonspacing_Mark}\p{Enclosing_Mark}\p{Cs}]/u,
  spacingMark: /\p{Spacing_Mark}|[\uff00-\uffef]/u,
  pairedEmoji:
    /^\p{Regional_Indicator}{2}$|^[\d#*]\ufe0f?\u20e3$|\p{Extended_Pictographic}[^]*(?:\ufe0f|\u200d[^]*\p{Extended_Pictographic})/u,
}));
// Its first use takes milliseconds, and most reports need none.
const segmenter = once(() => new Intl.Segmenter('en', { granularity: 'grapheme' }));

/** What a reader takes for one character each. */
export function clusters(text: string): readonly string[] {
  if (narrow.test(text)) return text.split('');
  return Array.from(segmenter().segment(text), ({ segment }) => segment);
}

/** Columns that an escaped text takes on a terminal: East Asian wide ones count two. */
export function widthOf(text: string): number {
  if (narrow.test(text)) return text.length;
  return clusters(text).reduce((sum, cluster) => sum + clusterWidth(cluster), 0);
}

function clusterWidth(cluster: string): number {
  const { visible, spacingMark, pairedEmoji } = patterns();
  const start = cluster.search(visible);
  if (start < 0) return 0;
  if (pairedEmoji.test(cluster)) return 2;
  const [base = '', ...rest] = cluster.slice(start);
  if (isJamo(base))
    return jamoWidth([base, ...rest.filter((character) => visible.test(character))]);
  const after = rest.filter((character) => spacingMark.test(character));
  return [base, ...after].reduce((sum, character) => sum + eastAsianWidth(codeOf(character)), 0);
}

/** Korean letters: a leading, a vowel and perhaps a trailing one are drawn as one syllable. */
function jamoWidth(letters: readonly string[]): number {
  let width = 0;
  for (let at = 0; at < letters.length; at += 1) {
    const letter = letters[at] ?? '';
    if (leading.test(letter) && vowel.test(letters[at + 1] ?? '')) {
      width += 2;
      at += trailing.test(letters[at + 2] ?? '') ? 2 : 1;
    } else {
      width += eastAsianWidth(codeOf(letter));
    }
  }
  return width;
}

const leading = /[\u1100-\u115f\ua960-\ua97c]/;
const vowel = /[\u1160-\u11a7\ud7b0-\ud7c6]/;
const trailing = /[\u11a8-\u11ff\ud7cb-\ud7fb]/;

function isJamo(letter: string): boolean {
  return leading.test(letter) || vowel.test(letter) || trailing.test(letter);
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}

function once<T>(make: () => T): () => T {
  let made: T | null = null;
  return () => (made ??= make());
}
