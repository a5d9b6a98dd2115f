import type { Paint } from './style.ts';

/** What every part of the text reporter needs to know of its terminal and its reader. */
export interface TextContext {
  readonly width: number;
  readonly limit: number;
  /** Whether `paint` paints: then marks are colours, not characters. */
  readonly color: boolean;
  readonly paint: Paint;
}
