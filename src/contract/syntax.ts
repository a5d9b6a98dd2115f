import { Lexer, LineCounter, parseDocument, type Document, type YAMLError } from 'yaml';
import type { Problem } from '../model/index.ts';

/** A YAML (or JSON) text, parsed; with problems there is no use in its nodes. */
export interface ParsedText {
  readonly document: Document;
  readonly problems: readonly Problem[];
  /** 1-based line of an offset in the text. */
  lineAt(offset: number): number;
}

const hints: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'Indent with spaces.',
  MULTIPLE_DOCS: 'One file holds one contract: remove the `---` or `...` between the documents.',
  TAG_RESOLVE_FAILED:
    'Remove the tag: values are plain text, numbers, true, false, lists and maps.',
  BAD_SCALAR_START: 'Put the value in quotes.',
  BLOCK_AS_IMPLICIT_KEY: 'Put a value that holds ": " in quotes.',
  MULTILINE_IMPLICIT_KEY: 'A line before this one may lack its `:` or its closing quote.',
};

/** Parses by the YAML 1.2 core schema. Throws nothing: faults are problems, one for each line. */
export function parseYaml(text: string): ParsedText {
  const lines = new LineCounter();
  const problems: Problem[] = [];
  const deep = tooDeepAt(text);
  if (deep !== null) {
    problems.push({ line: deep, path: '', message: 'values are nested too deeply', hint: null });
  }
  const document = parseDocument(deep === null ? text : '', {
    version: '1.2',
    schema: 'core',
    merge: false,
    resolveKnownTags: false,
    // Keys are compared by the reader of the nodes, who knows their paths.
    uniqueKeys: false,
    prettyErrors: false,
    lineCounter: lines,
  });
  const lineAt = (offset: number): number => Math.max(1, lines.linePos(offset).line);
  for (const fault of [...document.errors, ...document.warnings]) {
    const problem = syntaxProblem(fault, lineAt(fault.pos[0]));
    // One slip makes many faults: the first of a line tells it.
    if (!problems.some((known) => known.line === problem.line)) problems.push(problem);
  }
  return { document, problems, lineAt };
}

function syntaxProblem(fault: YAMLError, line: number): Problem {
  const message =
    fault.code === 'MULTIPLE_DOCS'
      ? 'the file holds several YAML documents'
      : `not valid YAML: ${fault.message}`;
  return { line, path: '', message, hint: hints[fault.code] ?? null };
}

const deepest = 200;

/**
 * The line at which a text nests deeper than any contract, or null. The YAML parser recurses, and
 * an exhausted stack can end the whole process there, which no handler catches.
 */
function tooDeepAt(text: string): number | null {
  let line = 1;
  let flow = 0;
  let block = 0;
  for (const token of new Lexer().lex(text)) {
    if (token === '[' || token === '{') flow += 1;
    else if (token === ']' || token === '}') flow -= 1;
    else if (token === '-' || token === '?') block += 1;
    else if (token.includes('\n')) {
      line += token.split('\n').length - 1;
      block = 0;
    } else if (block === 0 && /^ +$/.test(token)) block = token.length;
    if (flow + block > deepest) return line;
  }
  return null;
}
