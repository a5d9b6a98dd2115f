import { kindEntry, type SideNames } from '../model/index.ts';

/** What findings of a kind mean. */
export function kindText(kind: string, sides: SideNames): string {
  return kindEntry(kind)?.words(sides) ?? 'of a kind that this version does not know';
}

/** Whether a finding of a kind must say on which side it stands. */
export function standsOnSides(kind: string): boolean {
  return kindEntry(kind)?.sides.length !== 1;
}
