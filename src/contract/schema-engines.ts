import type * as z from 'zod';
import { engineKinds, type EngineWord } from '../model/index.ts';
import {
  closed,
  count,
  filled,
  freeMap,
  namedMap,
  optional,
  someOf,
  text,
} from './schema-parts.ts';

/** `engines`: each by its name, with the one word that says what drives it. */
export function enginesSchema(): z.ZodType {
  const kinds = Object.keys(engineKinds);
  const shape = kinds.map((kind) => [kind, settingsSchema(kind)] as const);
  const expected = `a map with one of ${kinds.join(', ')}`;
  const one = closed(optional(Object.fromEntries(shape)), expected).meta({
    minProperties: 1,
    maxProperties: 1,
  });
  return namedMap(one, 'a map of engines, each by its name').describe(
    'SQL engines that read tables where they lie.',
  );
}

function settingsSchema(kind: string): z.ZodType {
  const words = Object.entries(engineKinds[kind] ?? {}).map(
    ([name, word]) => [name, wordSchema(word)] as const,
  );
  const known = words.map(([name]) => name).join(', ');
  return closed(Object.fromEntries(words), `a map of ${known}`).describe(`Settings of ${kind}.`);
}

function wordSchema({ kind, words, needed }: EngineWord): z.ZodType {
  const schema = valueSchemas[kind]().describe(words);
  return needed === true ? schema : schema.optional();
}

const valueSchemas: Readonly<Record<EngineWord['kind'], () => z.ZodType>> = {
  text: () => filled('text'),
  count: () => count(1),
  texts: () => someOf(filled('text'), 'a list', 'at least one'),
  map: () => freeMap(text('text'), 'a map from name to text'),
};
