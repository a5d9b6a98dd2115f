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
