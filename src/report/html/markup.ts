import { escapeTerminal } from '../escape.ts';

/** HTML that is safe to write: only `markup` makes it. */
export interface Markup {
  readonly html: string;
}

/** What stands between pieces of markup; a text is escaped, null is nothing. */
export type MarkupValue = Markup | readonly Markup[] | string | number | null;

export const nothing: Markup = { html: '' };

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * HTML out of the page's own words and of values. Every text among the values stands for itself,
 * in content and in quoted attributes: its markup is escaped, and its controls, line breaks and
 * whatever changes direction are shown as escapes.
 */
export function markup(parts: TemplateStringsArray, ...values: readonly MarkupValue[]): Markup {
  const pieces = parts.flatMap((part, at) => [part, htmlOf(values[at] ?? null)]);
  return { html: pieces.join('') };
}

/** A value of a file or of a stranger: isolated, so that its direction stays its own. */
export function foreign(text: string): Markup {
  return markup`<bdi>${text}</bdi>`;
}

function htmlOf(value: MarkupValue): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') {
    return escapeTerminal(value).replace(/[&<>"']/g, (character) => entities[character] ?? '');
  }
  return 'html' in value ? value.html : value.map(({ html }) => html).join('');
}
