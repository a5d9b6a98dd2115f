import { tooLarge } from '../model/index.ts';

/** Holds what work takes against the limit. Throws `TOO_LARGE`. */
export function holdMemory(bytes: number, limit: number): void {
  if (bytes <= limit) return;
  throw tooLarge('memory', limit, `comparing it would take about ${bytes} bytes of memory`);
}
