/** A JSON Schema without room for what it does not describe: for tests of what is written. */
export function closed(schema: unknown): Record<string, unknown> {
  const deep = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(deep);
    if (typeof value !== 'object' || value === null) return value;
    const members = Object.entries(value).map(([name, member]) => [name, deep(member)] as const);
    const one = Object.fromEntries(members);
    const open = one['additionalProperties'];
    const isOpen = open === undefined || JSON.stringify(open) === '{}';
    if (one['type'] !== 'object' || one['properties'] === undefined || !isOpen) return one;
    return { ...one, additionalProperties: false, $id: undefined };
  };
  return JSON.parse(JSON.stringify(deep(schema)));
}
