import type { TableLocation } from '../../model/index.ts';

/** A table as people write it. */
export function tableText({ engine, table: name, snapshot }: TableLocation): string {
  return `table:${engine.name}:${name}${snapshot === null ? '' : `#${snapshot}`}`;
}
