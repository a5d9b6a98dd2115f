/**
 * A consumed value that is none, where that differs from an empty one (`nulls: distinct`). It is half a
 * character, which no text holds: readers refuse it.
 */
export const nullCell = '\uD800';
