/** Values are told apart while they are at most so many: what has more is not one of few. */
const fewValues = 512;

/**
 * What is made of a value, made once for all that are equal while there are few of them: of a million
 * rows that are kept, most columns hold the same few values.
 */
export function createPool<T>(make: (value: string) => T): (value: string) => T {
  const known = new Map<string, T>();
  let isOpen = true;
  return (value) => {
    if (!isOpen) return make(value);
    const found = known.get(value);
    if (found !== undefined) return found;
    const made = make(value);
    known.set(value, made);
    if (known.size > fewValues) {
      isOpen = false;
      known.clear();
    }
    return made;
  };
}

/** What is worked out of an object, once for each: copies of a fleet share requests, plans and registries. */
export function perObject<K extends object, V>(make: (of: K) => V): (of: K) => V {
  const known = new WeakMap<K, { readonly made: V }>();
  return (of) => {
    const found = known.get(of);
    if (found !== undefined) return found.made;
    const made = make(of);
    known.set(of, { made });
    return made;
  };
}
