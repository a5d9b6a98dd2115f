// Prints the counts of a vitest JSON report as one plain line.
import { readFile } from 'node:fs/promises';

const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(
  await readFile(process.argv[2], 'utf8'),
);
const skipped = numPendingTests + numTodoTests;
console.log(`${numPassedTests} passed, ${numFailedTests} failed, ${skipped} skipped`);
