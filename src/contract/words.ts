import {
  allReaders,
  defaultLimits,
  limitUnits,
  parseDuration,
  parseSize,
  policyOf,
  quote,
  readerNames,
  strictPolicy,
  warningsOfRuns,
  type Limits,
  type NamedReader,
  type Policy,
  type SaidReaders,
  type UnitBounds,
} from '../model/index.ts';
import {
  allSaid,
  merged,
  said,
  type Layers,
  type ReaderDraft,
  type ReaderOptionsDraft,
} from './draft.ts';
import type { ContractFile, Path } from './file.ts';

/** Every kind decided: by the innermost policy that speaks of it, by its default where none does. */
export function readPolicy(layers: Layers): Policy {
  const policies = allSaid(layers, 'policy').map(({ value }) => value);
  return policyOf((kind) => {
    for (const policy of policies) {
      if (typeof policy === 'string') return policy;
      const action = kind === 'unreadable' ? undefined : policy[kind];
      if (action !== undefined) return action;
    }
    return strictPolicy[kind];
  });
}

/**
 * `grace` in seconds, 0 where nothing is said. Reports it for a reviewed copy that is not in git (not `known`):
 * when its changes arrived is not known. What defaults say holds where it can.
 */
export function readGrace(layers: Layers, known: boolean): number {
  const grace = said(layers, 'grace');
  if (grace === null) return 0;
  if (!known && grace.rank === 'defaults') return 0;
  if (!known) {
    const hint = 'Remove it, or let "reviewed" be a path or git:REF:PATH.';
    const message = 'a grace without meaning: the reviewed copy is not in git';
    grace.file.report(grace.path, message, hint);
  }
  return parseDuration(grace.value) ?? 0;
}

/** A day; null where nothing is said. Reports one that no month has: the pattern lets it pass. */
export function readEnforceFrom(layers: Layers): string | null {
  const from = said(layers, 'enforceFrom');
  if (from === null) return null;
  checkDay(from.file, from.value, from.path);
  return from.value;
}

/** Reports a day that no month has. */
export function checkDay(file: ContractFile, day: string, path: Path): void {
  const date = new Date(`${day}T00:00:00Z`);
  const real = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
  if (!real) file.report(path, `there is no day ${quote(day)}`);
}

/** Codes of warnings that are not told. */
export function readSilenced(layers: Layers): ReadonlySet<string> {
  const sayings = allSaid(layers, 'warnings');
  const silenced = merged(sayings, (action, { file, path }, code) => {
    if (warningsOfRuns.has(code)) {
      const message = `${code} is said of several runs, for which no contract speaks: it cannot be silenced`;
      file.report([...path, code], message, 'Leave it out.');
      return null;
    }
    if (/^[A-Z][A-Z0-9_]*$/.test(code)) return action;
    const hint = 'A warning carries its code in every report: RESPELLED.';
    file.report([...path, code], `${quote(code)} cannot be the code of a warning`, hint);
    return null;
  });
  return new Set(silenced.keys());
}

/** The readers of a copy; null where nothing is said. */
export function readReaders(layers: Layers): SaidReaders | null {
  const reader = said(layers, 'reader');
  if (reader === null) return null;
  const drafts = Array.isArray(reader.value) ? reader.value : [reader.value];
  const named = drafts.flatMap((draft: ReaderDraft | undefined) => {
    if (draft === undefined) return [];
    const options = typeof draft === 'string' ? { [draft]: null } : draft;
    return readerNames.flatMap((name) =>
      options[name] === undefined ? [] : [{ name, options: saidOptions(options[name]) }],
    );
  });
  const isAll = drafts.includes('all');
  return {
    readers: isAll ? [...allReaders, ...named] : named,
    named: named.map(({ name }) => name),
  };
}

function saidOptions(options: ReaderOptionsDraft | null): NamedReader['options'] {
  const found = Object.entries(options ?? {}).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return Object.fromEntries(found);
}

export function readLabels(layers: Layers): ReadonlyMap<string, string> {
  return merged(allSaid(layers, 'labels'), (value) => value);
}

/** A copy with no unit schedules nothing, and that is drift: `min` is 1 where nothing is said. */
export function readUnits(layers: Layers): UnitBounds {
  const units = said(layers, 'units');
  const min = units?.value.min ?? 1;
  const max = units?.value.max ?? null;
  if (units !== null && max !== null && max < min && !units.file.isReported(units.path)) {
    const by = units.value.min === undefined ? ' (the default)' : '';
    const message = `"max" ${max} is less than "min" ${min}${by}`;
    units.file.report([...units.path, 'max'], message);
  }
  return { min, max };
}

/**
 * What a copy may be at most; null: nobody says, and the defaults hold. A cap is above all, and what
 * holds where only it speaks.
 */
export function readLimits(layers: Layers, caps: Partial<Limits>): Limits | null {
  const sayings = allSaid(layers, 'limits');
  if (sayings.length === 0 && Object.keys(caps).length === 0) return null;
  const limit = (name: keyof Limits): number => {
    const by = sayings.find(({ value }) => value[name] !== undefined);
    const value = by?.value[name];
    const cap = caps[name];
    if (by === undefined || value === undefined) return cap ?? defaultLimits[name];
    const number = typeof value === 'number' ? value : parseSize(value);
    if (number === null || number < 1) {
      by.file.report(
        [...by.path, name],
        `expected ${limitUnits[name]}, found ${quote(`${value}`)}`,
      );
    }
    return Math.min(number ?? defaultLimits[name], cap ?? Number.POSITIVE_INFINITY);
  };
  return {
    bytes: limit('bytes'),
    recordBytes: limit('recordBytes'),
    cellBytes: limit('cellBytes'),
    columns: limit('columns'),
    expandedBytes: limit('expandedBytes'),
    expandedRatio: limit('expandedRatio'),
    memory: limit('memory'),
    findings: limit('findings'),
  };
}
