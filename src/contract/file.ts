import type { Problem } from '../model/index.ts';

/** A contract's file while it is read: its data, where each value stands, and its problems. */
export interface ContractFile {
  /** Undefined where the file has no value to speak of. */
  readonly data: Data | undefined;
  readonly problems: readonly Problem[];
  /** 1-based line of a value, or of the nearest one around it. */
  lineOf(path: Path): number;
  /** A scalar as the file has it; null for other values. */
  written(path: Path): string | null;
  /** The names of a map in the file's order. */
  namesIn(path: Path): readonly string[];
  /** Adds a problem, each once; `line` where it is not the path's own. */
  readonly report: ReportProblem;
  /** Whether a problem was reported at a path or below it. */
  isReported(path: Path): boolean;
}

/** What a text was read to, handed over. */
export interface TextRead {
  /** Where its values stand, by the texts of their paths; asked for where something is to be told. */
  places(): ReadonlyMap<string, Place>;
  /** The lines of values, where they are known sooner, and where no value is taken out of the data. */
  readonly lines?: ReadonlyMap<string, number>;
  readonly problems: readonly Problem[];
  /** Its data, where more is reported and more places are found while they are converted. */
  data(report: ReportProblem): Data | undefined;
}

/** A contract's file of what its text was read to; it knows no word of it yet. */
export function contractFile(read: TextRead): ContractFile {
  const problems: Problem[] = [...read.problems];
  const told = new Set<string>();
  // Paths with a problem in them: a file may have a hundred thousand, and each value asks.
  const faulty = new Set<string>();
  let known: ReadonlyMap<string, Place> | null = null;
  const placeOf = (path: Path): Place | undefined => (known ??= read.places()).get(pathText(path));
  const { lines } = read;
  const lineAt = (path: Path): number | undefined =>
    lines === undefined ? placeOf(path)?.line : lines.get(pathText(path));
  const lineOf = (path: Path): number => {
    for (let length = path.length; length > 0; length -= 1) {
      const line = lineAt(path.slice(0, length));
      if (line !== undefined) return line;
    }
    return 1;
  };
  const report: ReportProblem = (path, message, hint = null, line = lineOf(path)) => {
    // What copies inherit is read for each of them.
    const same = JSON.stringify([line, path, message]);
    if (told.has(same)) return;
    told.add(same);
    problems.push({ line, path: pathText(path), message, hint });
    path.reduce<string>((text, part) => {
      const below = textBelow(text, part);
      faulty.add(below);
      return below;
    }, '');
    if (path.length === 0) faulty.add('');
  };
  const data = read.data(report);
  return {
    data,
    problems,
    lineOf,
    report,
    written: (path) => placeOf(path)?.written ?? null,
    namesIn: (path) =>
      (lines === undefined ? null : namesOf(data, path)) ?? placeOf(path)?.names ?? [],
    isReported: (path) => {
      const prefix = pathText(path);
      return faulty.has(prefix) || read.problems.some((problem) => problem.path === prefix);
    },
  };
}

/** The names of a map in the file's order; null: the data has them in another one. */
function namesOf(data: Data | undefined, path: Path): readonly string[] | null {
  let value = data;
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return [];
    value = Array.isArray(value) ? value[Number(part)] : value[part];
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  const names = Object.keys(value);
  // Numbers stand first in data, wherever the file has them.
  return names.some((name) => /^\d+$/.test(name)) ? null : names;
}

/** Where a value stands in the contract: names of maps and 0-based places of lists. */
export type Path = readonly (string | number)[];

/** A path as people write it: `artifacts.participants.key[0]`, `labels["a b"]`. Injective. */
export function pathText(path: Path): string {
  return path.reduce<string>(textBelow, '');
}

const plainName = /^[A-Za-z0-9_$-]+$/;

/** The text of a path with one more part. */
export function textBelow(text: string, part: string | number): string {
  if (typeof part === 'number') return `${text}[${part}]`;
  if (!plainName.test(part)) return `${text}[${JSON.stringify(part)}]`;
  return text === '' ? part : `${text}.${part}`;
}

/** A value of the contract: plain data; maps have no prototype. */
export type Data = null | boolean | number | string | DataList | DataMap;
/** Undefined: a problem of the item was reported already. */
export type DataList = (Data | undefined)[];
export interface DataMap {
  [name: string]: Data | undefined;
}

/** Adds a problem at a path; `line` where it is not the line of the path's value. */
export type ReportProblem = (
  path: Path,
  message: string,
  hint?: string | null,
  line?: number,
) => void;

/** Where a value stands in the file, and how it is written there. */
export interface Place {
  readonly line: number;
  /** A scalar's text; null for lists and maps. */
  readonly written: string | null;
  /** A map's names in the file's order. */
  readonly names: readonly string[];
}
