import { s3Error } from './errors.ts';

/** A parsed element: its local name, its child elements and its own text. */
export interface ParsedElement {
  readonly name: string;
  readonly children: readonly ParsedElement[];
  readonly text: string;
}

interface OpenElement {
  readonly name: string;
  readonly children: ParsedElement[];
  text: string;
}

const token =
  /<\?[^]*?\?>|<!--[^]*?-->|<!\[CDATA\[([^]*?)\]\]>|<\/([^\s>]+)\s*>|<([^\s/>!?]+)((?:\s+[^\s=>]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>|([^<]+)/gy;

/**
 * Reads a request body. Enough XML for what clients send: elements, text, CDATA and the
 * predefined and numeric entities. Anything else (a DOCTYPE too) is MalformedXML.
 */
export function parseXml(body: Buffer, rootName: string): ParsedElement {
  const text = body.toString('utf8').replace(/^\uFEFF/, '');
  const top: OpenElement = { name: '', children: [], text: '' };
  const open: OpenElement[] = [top];
  let end = 0;
  for (const match of text.matchAll(token)) {
    end = match.index + match[0].length;
    consume(match, open);
  }
  const [root] = top.children;
  if (end !== text.length || open.length !== 1 || root === undefined || root.name !== rootName) {
    throw s3Error('MalformedXML');
  }
  return root;
}

function consume(match: RegExpMatchArray, open: OpenElement[]): void {
  const [, cdata, closing, opening, , selfClosing, characters] = match;
  const current = open.at(-1);
  if (current === undefined) throw s3Error('MalformedXML');
  if (cdata !== undefined) current.text += cdata;
  else if (characters !== undefined) current.text += unescapeText(characters);
  else if (opening !== undefined) {
    const element: OpenElement = { name: localName(opening), children: [], text: '' };
    current.children.push(element);
    if (selfClosing !== '/') open.push(element);
  } else if (closing !== undefined) {
    if (open.length === 1 || current.name !== localName(closing)) throw s3Error('MalformedXML');
    open.pop();
  }
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

const named: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};

function unescapeText(text: string): string {
  return text.replaceAll(/&([^;&\s]*);?/g, (_, entity: string) => {
    const numeric = /^#(?:x([0-9a-f]+)|([0-9]+))$/i.exec(entity);
    const code = numeric && Number.parseInt(numeric[1] ?? numeric[2] ?? '', numeric[1] ? 16 : 10);
    const character =
      typeof code === 'number' && code <= 0x10ffff ? String.fromCodePoint(code) : named[entity];
    if (character === undefined) throw s3Error('MalformedXML');
    return character;
  });
}

/** The text of the first child of that name. */
export function childText(element: ParsedElement, name: string): string | undefined {
  return element.children.find((child) => child.name === name)?.text;
}

/** Every child of that name, in order. */
export function childrenOf(element: ParsedElement, name: string): ParsedElement[] {
  return element.children.filter((child) => child.name === name);
}
