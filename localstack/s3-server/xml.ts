/** An element: its name, attributes in source form, and children or text. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: string;
  readonly content: readonly (XmlElement | string)[];
}

/** What an element may hold. `undefined` is left out, lists are spread. */
export type XmlContent = XmlElement | string | number | boolean | undefined | readonly XmlContent[];

const namespace = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';

/** An element. Text is escaped when it is rendered, never by the caller. */
export function el(name: string, ...content: readonly XmlContent[]): XmlElement {
  return { name, attributes: '', content: flatten(content) };
}

/** A document element in S3's namespace. */
export function document(name: string, ...content: readonly XmlContent[]): XmlElement {
  return { ...el(name, ...content), attributes: ` ${namespace}` };
}

/** The bytes of a document, with the XML declaration. */
export function render(root: XmlElement): Buffer {
  return Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${source(root)}`);
}

function flatten(content: readonly XmlContent[]): (XmlElement | string)[] {
  return content.flatMap((item) => {
    if (item === undefined) return [];
    if (typeof item === 'number' || typeof item === 'boolean') return [String(item)];
    if (typeof item === 'string') return [item];
    return isList(item) ? flatten(item) : [item];
  });
}

function isList(item: XmlElement | readonly XmlContent[]): item is readonly XmlContent[] {
  return Array.isArray(item);
}

function source(element: XmlElement): string {
  const inner = element.content.map((item) =>
    typeof item === 'string' ? escapeText(item) : source(item),
  );
  return `<${element.name}${element.attributes}>${inner.join('')}</${element.name}>`;
}

const named: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Control characters become references: a bare CR would be normalised away by a reader. */
function escapeText(text: string): string {
  // oxlint-disable-next-line no-control-regex -- keys may hold control characters
  return text.replaceAll(/[&<>"'\u0000-\u001f\u007f]/g, (character) => {
    return named[character] ?? `&#x${character.charCodeAt(0).toString(16)};`;
  });
}
