import { createHash } from 'node:crypto';

/** SHA-256, hex, of plain data: the same whatever the order of its members and its white space. */
export function integrityOf(data: unknown): string {
  return createHash('sha256').update(canonical(data)).digest('hex');
}

/** Plain data as one text: members sorted by code units, undefined ones left out. */
export function canonical(data: unknown): string {
  if (Array.isArray(data)) return `[${data.map(canonical).join(',')}]`;
  if (typeof data !== 'object' || data === null) return JSON.stringify(data) ?? 'null';
  const members = Object.entries(data)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${JSON.stringify(name)}:${canonical(value)}`);
  return `{${members.join(',')}}`;
}
