import type { Problem } from '../model/index.ts';
import { pathText, type Path } from './path.ts';
import type { Data, Place, ReportProblem } from './tree.ts';

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

/** What a text was read to. */
export interface TextRead {
  readonly places: ReadonlyMap<string, Place>;
  readonly problems: readonly Problem[];
  /** Its data, where more is reported and more places are found while they are converted. */
  data(places: Map<string, Place>, report: ReportProblem): Data | undefined;
}

/** A contract's file of what its text was read to; it knows no word of it yet. */
export function contractFile(read: TextRead): ContractFile {
  const problems: Problem[] = [...read.problems];
  const told = new Set<string>();
  const places = new Map<string, Place>(read.places);

  const lineOf = (path: Path): number => {
    for (let length = path.length; length > 0; length -= 1) {
      const place = places.get(pathText(path.slice(0, length)));
      if (place !== undefined) return place.line;
    }
    return 1;
  };
  const report: ReportProblem = (path, message, hint = null, line = lineOf(path)) => {
    // What copies inherit is read for each of them.
    const same = JSON.stringify([line, path, message]);
    if (told.has(same)) return;
    told.add(same);
    problems.push({ line, path: pathText(path), message, hint });
  };
  const data = read.data(places, report);
  return {
    data,
    problems,
    lineOf,
    report,
    written: (path) => places.get(pathText(path))?.written ?? null,
    namesIn: (path) => places.get(pathText(path))?.names ?? [],
    isReported: (path) => {
      const prefix = pathText(path);
      return problems.some(
        (problem) =>
          problem.path === prefix ||
          problem.path.startsWith(`${prefix}.`) ||
          problem.path.startsWith(`${prefix}[`),
      );
    },
  };
}
