import { copySides, type SideNames } from '../model/index.ts';
import type { ReportOptions } from './reporter.ts';
import { ansi, plain, type Paint } from './style.ts';
import { narrowest } from './width.ts';

/** What every part of the text reporter needs to know of its terminal and its reader. */
export interface TextContext {
  readonly width: number;
  readonly limit: number;
  /** Whether `paint` paints: then marks are colours, not characters. */
  readonly color: boolean;
  readonly paint: Paint;
  readonly sides: SideNames;
  readonly many: 'one-screen' | 'details';
  readonly commands: 'folded' | 'whole';
  /** How the times are told at which findings began; left out: where they began is not told of each. */
  readonly begins?: (iso: string) => string;
}

/** What a report's options say of them. */
export function textContext({
  width,
  color,
  limit,
  many = 'details',
  commands = 'whole',
}: ReportOptions): TextContext {
  return {
    width: Math.max(narrowest, width),
    color,
    limit,
    paint: color ? ansi : plain,
    sides: copySides,
    many,
    commands,
  };
}
