import { addEffect, type HazardEffects, type ReaderEffects } from '../model/index.ts';

const mostShown = 20;

/** What readers make of tables one after the other: the hazards of each, counted together. */
export function joinEffects(
  parts: readonly (readonly [before: number, effects: ReaderEffects])[],
): ReaderEffects {
  const readers = parts[0]?.[1].readers ?? [];
  const hazards = new Map<string, HazardEffects>();
  for (const [before, effects] of parts) {
    for (const one of effects.hazards) {
      const moved = {
        ...one,
        groups: one.groups.map((group) => ({
          ...group,
          shown: group.shown.map((record) => record + before),
        })),
      };
      // What is only in how a copy is stored stands by itself.
      const name = `${one.inSpelling === true} ${one.hazard}`;
      const known = hazards.get(name);
      hazards.set(name, known === undefined ? moved : joined(known, moved));
    }
  }
  const untried = parts.reduce((sum, [, effects]) => sum + (effects.untried ?? 0), 0);
  return { readers, hazards: [...hazards.values()], ...(untried === 0 ? {} : { untried }) };
}

function joined(first: HazardEffects, second: HazardEffects): HazardEffects {
  const groups = new Map(first.groups.map((group) => [group.readers, group]));
  for (const group of second.groups) {
    const known = groups.get(group.readers);
    groups.set(group.readers, {
      readers: group.readers,
      records: group.records + (known?.records ?? 0),
      shown: [...(known?.shown ?? []), ...group.shown].slice(0, mostShown),
    });
  }
  return {
    ...first,
    onlyBeside: first.onlyBeside && second.onlyBeside,
    byReader: first.byReader.map((effect, at) => addEffect(effect, second.byReader[at]!)),
    groups: [...groups.values()],
  };
}
