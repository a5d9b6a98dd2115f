/**
 * What a document is made of. A map is an object with members of any names in its order: a plain
 * object would lose `__proto__` and move `2` to the front. Members that are undefined are left out.
 */
export type Json =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly Json[]
  | ReadonlyMap<string, Json>
  | Spread
  | { readonly [name: string]: Json };

/** A value whose members or items stand on lines of their own; items may be made one by one. */
export class Spread {
  readonly value: Iterable<Json> | ReadonlyMap<string, Json> | { readonly [name: string]: Json };
  constructor(value: Spread['value']) {
    this.value = value;
  }
}
