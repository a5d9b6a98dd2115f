import { isTemplate, readLiteral } from './variables.ts';
import {
  textBelow,
  type Data,
  type DataList,
  type DataMap,
  type Path,
  type Place,
} from './file.ts';

/** The values of a text. */
export interface PlainText {
  readonly data: Data;
  /** Lines of values, by the texts of their paths: what is within one line has none of its own. */
  readonly lines: ReadonlyMap<string, number>;
  /** Where each value stands, as `convertTree` gives them: found by reading once more. */
  places(): Map<string, Place>;
}

/**
 * Reads YAML as nearly all contracts are written: block maps and lists, flow collections on one line,
 * plain and quoted text without escapes, comments. Null for all else, and for what has a fault: that
 * is the YAML parser's, which takes thirty times as long. What is read here, that reads just so.
 */
export function readPlain(text: string): PlainText | null {
  if (!plainText.test(text)) return null;
  const read = (places: Reading['places']): Omit<PlainText, 'places'> | null => {
    const lines = text.split('\n');
    const reading = { lines, at: 0, values: 0, linesOf: new Map(), lists: new Map(), places };
    if (nextLine(reading)?.indent !== 0) return null;
    const data = readBlock(reading, 0, top);
    if (data === undefined || Array.isArray(data) || nextLine(reading) !== null) return null;
    return reading.values > mostValues ? null : { data, lines: reading.linesOf };
  };
  const plain = read(null);
  if (plain === null) return null;
  const places = (): Map<string, Place> => {
    const found = new Map<string, Place>();
    read(found);
    return found;
  };
  return { ...plain, places };
}

/** More are counted by the parser, with what aliases repeat. */
const mostValues = 100_000;
const deepest = 20;

/** Letters of Latin, and what a keyboard has: in any other text YAML may see line ends and marks. */
const plainText = /^[\n\x20-\x7e\u00ae-\u024f]*$/;
const nameForm = /(?:([A-Za-z0-9_][A-Za-z0-9_.-]*)|"([^"\\]+)"):(?: +|$)/y;
const flowText = /[A-Za-z0-9_./$](?:[\w./$*@+=%&?!~;()<>|^-]|:(?=[\w/.$])| (?=[\w./$(]))*/y;
const firstOfText = /^[A-Za-z0-9_./$]/;
/** What the core schema may take for a number; those written plainly are read here. */
const numeral = /^[-+]?(?:\.?[0-9]|0[ox])|^[-+]?\.(?:inf|nan)$/i;
const number = /^(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,6})?$/;
/** A date, a duration, a size: neither an exponent nor another base follows the digits. */
const noNumber = /^[0-9]+[A-DF-NP-WYZa-df-np-wyz_-][\w-]*$/;
const otherWord = /^(?:null|true|false)$/i;

/** Where a value stands, and the text of its path. */
interface Spot {
  readonly above: Spot | null;
  readonly part: string | number;
  readonly depth: number;
}

const top: Spot = { above: null, part: '', depth: 0 };

function below(above: Spot, part: string | number): Spot {
  return { above, part, depth: above.depth + 1 };
}

function textOf({ above, part }: Spot): string {
  return above === null ? '' : textBelow(textOf(above), part);
}

function pathOf({ above, part }: Spot): Path {
  return above === null ? [] : [...pathOf(above), part];
}

const noNames: readonly string[] = [];

interface Reading {
  readonly lines: string[];
  /** Index of the next line. */
  at: number;
  /** So many were read. */
  values: number;
  readonly linesOf: Map<string, number>;
  /** Flat lists, by how they are written. */
  readonly lists: Map<string, DataList>;
  /** Null: nobody asks for them. */
  readonly places: Map<string, Place> | null;
}

/** Counts a value, and says where it stands. */
function note(
  reading: Reading,
  spot: Spot,
  line: number,
  written: Place['written'],
  names: Place['names'],
): void {
  reading.values += 1;
  reading.places?.set(textOf(spot), { line, written, names });
}

/** A line that says something. */
interface Line {
  readonly indent: number;
  readonly content: string;
}

function nextLine(reading: Reading): Line | null {
  for (; reading.at < reading.lines.length; reading.at += 1) {
    const line = reading.lines[reading.at]!;
    const content = line.trimStart();
    if (content !== '' && !content.startsWith('#')) {
      return { indent: line.length - content.length, content };
    }
  }
  return null;
}

/** A block whose lines start at `indent`, a map or a list; undefined: it is the parser's. */
function readBlock(reading: Reading, indent: number, spot: Spot): DataMap | DataList | undefined {
  if (spot.depth > deepest) return undefined;
  const names: string[] = [];
  note(reading, spot, reading.at + 1, null, names);
  reading.linesOf.set(textOf(spot), reading.at + 1);
  const isList = nextLine(reading)?.content.startsWith('- ') === true;
  if (isList) return readItems(reading, indent, spot);
  const data: DataMap = Object.create(null);
  for (let line = nextLine(reading); line !== null; line = nextLine(reading)) {
    if (line.indent !== indent) return line.indent < indent ? data : undefined;
    nameForm.lastIndex = 0;
    const [written = '', bare, quoted = ''] = nameForm.exec(line.content) ?? [];
    const name = bare ?? quoted;
    if (name === '' || name === '__proto__' || Object.hasOwn(data, name)) return undefined;
    const value = readValue(reading, line.content.slice(written.length), indent, below(spot, name));
    if (value === undefined) return undefined;
    names.push(name);
    data[name] = value;
  }
  return data;
}

function readItems(reading: Reading, indent: number, spot: Spot): DataList | undefined {
  const items: DataList = [];
  for (let line = nextLine(reading); line !== null; line = nextLine(reading)) {
    if (line.indent < indent || !line.content.startsWith('- ')) {
      return line.indent > indent ? undefined : items;
    }
    if (line.indent !== indent) return undefined;
    const rest = line.content.slice(2).trimStart();
    const inner = indent + line.content.length - rest.length;
    nameForm.lastIndex = 0;
    const own = below(spot, items.length);
    let item: Data | undefined;
    if (nameForm.test(rest)) {
      // A map that begins beside its sign.
      reading.lines[reading.at] = ' '.repeat(inner) + rest;
      item = readBlock(reading, inner, own);
    } else if (rest !== '' && !rest.startsWith('#')) item = readValue(reading, rest, indent, own);
    if (item === undefined) return undefined;
    items.push(item);
  }
  return items;
}

/** What stands behind a name or a sign, on the line that is next. */
function readValue(reading: Reading, text: string, indent: number, spot: Spot): Data | undefined {
  const line = reading.at + 1;
  reading.at += 1;
  if (text === '' || text.startsWith('#')) {
    const next = nextLine(reading);
    if (next === null || next.indent < indent) return undefined;
    if (next.indent === indent && !next.content.startsWith('- ')) return undefined;
    const value = readBlock(reading, next.indent, spot);
    const own = textOf(spot);
    reading.linesOf.set(own, line);
    const place = reading.places?.get(own);
    if (place !== undefined) reading.places?.set(own, { ...place, line });
    return value;
  }
  reading.linesOf.set(textOf(spot), line);
  const flow: Flow = { text, at: 0, line, reading };
  const value = /^["'[{]/.test(text) ? readFlow(flow, spot) : readRest(flow, spot);
  const next = value === undefined || !isEnd(flow) ? undefined : nextLine(reading);
  // What goes on below is none of ours.
  return next === undefined || (next !== null && next.indent > indent) ? undefined : value;
}

interface Flow {
  readonly text: string;
  at: number;
  readonly line: number;
  readonly reading: Reading;
}

/** Whether nothing but a comment is left. */
function isEnd({ text, at }: Flow): boolean {
  const rest = text.slice(at);
  return rest.trimStart() === '' || (rest.startsWith(' ') && rest.trimStart().startsWith('#'));
}

/** Plain text up to the end of its line, or to a comment. */
function readRest(flow: Flow, spot: Spot): Data | undefined {
  const comment = flow.text.indexOf(' #');
  const end = comment < 0 ? flow.text.length : comment;
  const text = flow.text.slice(0, end).trimEnd();
  flow.at = flow.text.length;
  const isOther = !firstOfText.test(text) || text.includes(': ') || text.endsWith(':');
  return isOther || text.startsWith('...') ? undefined : readScalar(flow, text, spot, 'plain');
}

function readFlow(flow: Flow, spot: Spot): Data | undefined {
  if (spot.depth > deepest) return undefined;
  const sign = flow.text[flow.at];
  if (sign === '[') return readFlowList(flow, spot);
  if (sign === '{') return readFlowMap(flow, spot);
  if (sign === '"' || sign === "'") {
    const end = flow.text.indexOf(sign, flow.at + 1);
    const text = flow.text.slice(flow.at + 1, end);
    if (end < 0 || text.includes('\\') || flow.text[end + 1] === sign) return undefined;
    flow.at = end + 1;
    return readScalar(flow, text, spot, 'quoted');
  }
  flowText.lastIndex = flow.at;
  const text = flowText.exec(flow.text)?.[0];
  if (text === undefined) return undefined;
  flow.at += text.length;
  return readScalar(flow, text, spot, 'plain');
}

/** A list of what needs no look at where it stands. */
const flatList = /^\[[^[\]{}"'$#]*\]$/;

/** A list; what is written as one before, and holds no other, is read once: a thousand entries say the same. */
function readFlowList(flow: Flow, spot: Spot): DataList | undefined {
  const { lists, places } = flow.reading;
  const from = flow.at;
  const text = flow.text.slice(from, flow.text.indexOf(']', from) + 1);
  const isKnown = places === null && spot.depth < deepest;
  const known = isKnown ? lists.get(text) : undefined;
  if (known !== undefined) {
    flow.reading.values += 1 + known.length;
    flow.at = from + text.length;
    return [...known];
  }
  const items = readItemsOfFlow(flow, spot);
  if (items !== undefined && flatList.test(text)) lists.set(text, items.slice());
  return items;
}

function readItemsOfFlow(flow: Flow, spot: Spot): DataList | undefined {
  note(flow.reading, spot, flow.line, null, noNames);
  const items: DataList = [];
  flow.at += 1;
  skipBlanks(flow);
  while (flow.text[flow.at] !== ']' || items.length > 0) {
    const item = readFlow(flow, below(spot, items.length));
    if (item === undefined) return undefined;
    items.push(item);
    const sign = readSign(flow, ']');
    if (sign !== ',') return sign === ']' ? items : undefined;
  }
  flow.at += 1;
  return items;
}

function readFlowMap(flow: Flow, spot: Spot): DataMap | undefined {
  const names: string[] = [];
  note(flow.reading, spot, flow.line, null, names);
  const data: DataMap = Object.create(null);
  flow.at += 1;
  skipBlanks(flow);
  let sign: string | null = flow.text[flow.at] === '}' ? readSign(flow, '}') : ',';
  while (sign === ',') {
    nameForm.lastIndex = flow.at;
    const [written = '', bare, quoted = ''] = nameForm.exec(flow.text) ?? [];
    const name = bare ?? quoted;
    if (name === '' || name === '__proto__' || Object.hasOwn(data, name)) return undefined;
    flow.at += written.length;
    const value = readFlow(flow, below(spot, name));
    if (value === undefined) return undefined;
    data[name] = value;
    names.push(name);
    sign = readSign(flow, '}');
  }
  return sign === null ? undefined : data;
}

/** The comma or the closing sign that comes, and the blanks around it; null: neither. */
function readSign(flow: Flow, close: ']' | '}'): string | null {
  skipBlanks(flow);
  const sign = flow.text[flow.at];
  if (sign !== ',' && sign !== close) return null;
  flow.at += 1;
  if (sign === ',') skipBlanks(flow);
  return sign;
}

function skipBlanks(flow: Flow): void {
  while (flow.text[flow.at] === ' ') flow.at += 1;
}

/** A scalar as the core schema has it; undefined for a number or word of another form. */
function readScalar(
  flow: Flow,
  written: string,
  spot: Spot,
  style: 'plain' | 'quoted',
): Data | undefined {
  note(flow.reading, spot, flow.line, written, noNames);
  if (style === 'plain') {
    if (number.test(written)) return Number(written);
    if (numeral.test(written) && !noNumber.test(written)) return undefined;
    if (otherWord.test(written)) {
      return written === 'true' || written === 'false' ? written === 'true' : undefined;
    }
  }
  if (!written.includes('${') || isTemplate(pathOf(spot))) return written;
  const { text, fault } = readLiteral(written);
  return fault === null ? text : undefined;
}
