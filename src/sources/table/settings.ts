import type { EngineSettings } from '../../model/index.ts';

/*
 * Settings of an engine by their words; the contract has held them against the table of engines.
 */

/** Null: it is not said. */
export function textSetting({ settings }: EngineSettings, word: string): string | null {
  const value = settings[word];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
}

export function textsSetting({ settings }: EngineSettings, word: string): readonly string[] {
  const value = settings[word];
  return Array.isArray(value) ? value.map(String) : [];
}

export function mapSetting(
  { settings }: EngineSettings,
  word: string,
): readonly (readonly [string, string])[] {
  const value = settings[word];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).map(([name, one]) => [name, String(one)]);
}
