import type { SqlBuilder, SqlWords } from '../../model/index.ts';

/** Values that are computed for each row, in layers: a later one may use what an earlier one named. */
export interface Layers extends SqlBuilder {
  /** The relations, each made from the one before; the last is called like the result. */
  relations(
    prefix: string,
    base: string,
  ): { readonly ctes: readonly string[]; readonly last: string };
}

const named = /\bv[0-9]+\b/g;

/** Names of the base stand at the bottom. */
export function createLayers(words: SqlWords): Layers {
  const known = new Map<string, { readonly name: string; readonly depth: number }>();
  const depths = new Map<string, number>();
  return {
    words,
    let(expression) {
      const same = known.get(expression);
      if (same !== undefined) return same.name;
      const uses = Array.from(expression.matchAll(named), ([name]) => depths.get(name) ?? 0);
      const value = { name: `v${known.size}`, depth: 1 + Math.max(0, ...uses) };
      known.set(expression, value);
      depths.set(value.name, value.depth);
      return value.name;
    },
    relations(prefix, base) {
      const ctes = [`${prefix}0 AS (${base})`];
      const most = Math.max(0, ...depths.values());
      for (let depth = 1; depth <= most; depth += 1) {
        const values = [...known]
          .filter(([, value]) => value.depth === depth)
          .map(([expression, { name }]) => `${expression} AS ${name}`);
        ctes.push(
          `${prefix}${depth} AS (SELECT *, ${values.join(', ')} FROM ${prefix}${depth - 1})`,
        );
      }
      return { ctes, last: `${prefix}${most}` };
    },
  };
}
