// What the kernel asks of its host: the slow road for one cell.

/**
 * Normalizes the value at `at` in place by all steps of a column. Gives its new length, -1 when a
 * step cannot read it, -2 when its normal form does not fit before `limit`.
 */
export declare function normalizeOnHost(column: u32, at: usize, length: u32, limit: usize): i32;
