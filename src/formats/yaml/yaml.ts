import { LineCounter, parse as parseText, parseAllDocuments, type Document } from 'yaml';
import { getHeapStatistics } from 'node:v8';
import {
  defaultLimits,
  KeydriftError,
  type ByteSource,
  type Format,
  type ReadLimits,
  type Table,
} from '../../model/index.ts';
import { readWhole } from '../bytes.ts';
import { createMeasure, type Measure } from '../measure.ts';
import { recordOptions } from '../options.ts';
import { countedColumns, tableOfRecords } from '../records.ts';
import { decodeText, findTextFault } from '../text.ts';
import { readRecords, type YamlRecord } from './records.ts';

/**
 * YAML 1.2: a list of maps, at its root or where `records` points, or a map whose keys are the column
 * `keyColumn`. Anchors and merge keys are resolved, within bounds. A plain scalar is the text that
 * stands there: only what the core schema calls null is the empty cell, and its booleans are `true`
 * and `false`.
 */
export const yaml: Pick<Format, 'open'> = {
  open: openYaml,
};

/** A document as maps and lists. Throws for what is no YAML. */
export function documentOf(text: string): unknown {
  return parseText(text);
}

/** Bytes of the heap that the nodes of one byte of a document take. */
const nodeCost = 60;

async function openYaml(
  source: ByteSource,
  options: Parameters<Format['open']>[1],
  limits: ReadLimits = defaultLimits,
): Promise<Table> {
  // Its nodes are objects: what the heap has room for counts as well.
  const heap = 0.8 * getHeapStatistics().heap_size_limit;
  const held = { ...limits, memory: Math.min(limits.memory, heap) };
  const { bytes, bom } = await readWhole(source, held, nodeCost);
  const lines = new LineCounter();
  const lineOf = (offset: number): number => Math.max(1, lines.linePos(offset).line);
  const content = decode(bytes, bom);
  requirePrintable(content);
  const document = parse(content, lines);
  const { columns, records } = readRecords(document, recordOptions(options), lineOf, limits);
  const measure = createMeasure(limits);
  for (const record of records) measureRecord(measure, record);
  const valued = new Set<number>();
  for (const { cells } of records) {
    for (const [column, text] of cells.entries())
      if (text !== null && text !== undefined) valued.add(column);
  }
  const counted = countedColumns(columns, (column) => valued.has(column));
  let current: readonly (string | null | undefined)[] = [];
  return tableOfRecords({
    columns: counted.map((column) => columns[column]!),
    warnings: [
      ...(bom === 0
        ? []
        : [{ code: 'BOM', message: 'the file starts with a byte order mark', line: 1 }]),
      ...measure.warnings(),
    ],
    rows: records.length,
    select(record) {
      current = records[record - 1]!.cells;
    },
    text(column) {
      const text = current[counted[column]!] ?? null;
      return text !== null && /[\p{Surrogate}\0]/u.test(text) ? undefined : text;
    },
    place(record) {
      const { line } = records[record - 1]!;
      return { line, text: `line ${line}` };
    },
  });
}

function decode(bytes: Buffer, bom: number): string {
  const text = decodeText(bytes);
  if (text !== null) return text;
  const { code, at } = findTextFault(bytes) ?? { code: 'INVALID_UTF8' as const, at: 0 };
  const what = code === 'NUL_BYTE' ? 'a NUL byte' : 'a byte that is no UTF-8';
  throw new KeydriftError(code, `${what} stands at byte ${at + bom}`, {
    place: { byte: at + bom },
    hint: 'YAML is UTF-8 text; the file may be UTF-16, binary or a broken upload.',
  });
}

/** A record's size is that of its cells: what an alias stands for counts each time. */
function measureRecord(measure: Measure, { line, cells }: YamlRecord): void {
  const sizes = cells.map((text) => Buffer.byteLength(text ?? ''));
  const size = sizes.reduce((sum, one) => sum + one, 0);
  const longest = sizes.reduce((most, one) => Math.max(most, one), 0);
  if (size < measure.nearCell && size < measure.nearRecord) return;
  const at = { text: `the record in line ${line}`, line };
  measure.record(size, at);
  measure.cell(longest, at);
}

/** Characters that YAML has not, and a CR that readers take for the end of a line or for none. */
// oxlint-disable-next-line no-control-regex -- these are what it looks for
const unreadable = /\r(?!\n)|[\u0001-\u0008\u000b\u000c\u000e-\u001f]/;

function requirePrintable(text: string): void {
  const at = text.search(unreadable);
  if (at < 0) return;
  const line = text.slice(0, at).split('\n').length;
  const code = text.charCodeAt(at).toString(16).padStart(2, '0');
  throw invalid(
    `the character \\x${code} is none of YAML's, or no end of a line (line ${line})`,
    line,
  );
}

function parse(text: string, lines: LineCounter): Document.Parsed {
  const documents = parseAllDocuments(text, {
    schema: 'failsafe',
    merge: false,
    lineCounter: lines,
    prettyErrors: false,
    logLevel: 'silent',
  });
  if ('empty' in documents) throw invalid('the file holds no document', 1);
  const [document, second] = documents;
  if (document === undefined) throw invalid('the file holds no document', 1);
  const [error] = document.errors;
  if (error !== undefined) {
    const { line } = lines.linePos(error.pos[0]);
    const code = error.code === 'DUPLICATE_KEY' ? 'MEMBER_DOUBLED' : 'YAML_INVALID';
    throw invalid(`${sentenceOf(error.message)} (line ${line})`, line, code);
  }
  if (second !== undefined) {
    throw invalid('the file holds several documents', lineOfNode(second, lines), 'NOT_RECORDS');
  }
  return document;
}

/** A library's message, which may quote the file: short, and one line. */
function sentenceOf(message: string): string {
  return message.split('\n', 1)[0]!.slice(0, 200);
}

function lineOfNode({ range }: Document.Parsed, lines: LineCounter): number {
  return lines.linePos(range[0]).line;
}

function invalid(
  message: string,
  line: number,
  code: 'YAML_INVALID' | 'MEMBER_DOUBLED' | 'NOT_RECORDS' = 'YAML_INVALID',
): KeydriftError {
  return new KeydriftError(code, message, {
    place: { line },
    hint: 'A support file in YAML is one document: a list of maps, or with `keyColumn: NAME` a map of maps.',
  });
}
