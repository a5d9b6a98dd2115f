import { expect } from 'vitest';
import { git, makeRepository, runJson, writeFiles, type JsonArtifact } from './cli.ts';
import type { CliOptions, Files, JsonError } from './cli.ts';

/** A reviewed table and a runtime copy that has drifted from it. */
export const reviewed = 'id,mode\nP-1,full\nP-2,delta\n';
export const drifted = 'id,mode\nP-1,full\nP-2,delta\nP-1,full\n';

/**
 * A repository whose contract has three artifacts: the one of a test, one that has drifted and one
 * that is in sync. Whatever befalls the first leaves the others unharmed.
 */
export async function makeTrio(broken: string, files: Files = {}): Promise<string> {
  return makeRepository({
    'keydrift.yaml': `version: 1
artifacts:
  broken: {key: [id], ${broken}}
  drifted: {key: [id], reviewed: reviewed.csv, runtime: drifted.csv}
  fine: {key: [id], reviewed: reviewed.csv, runtime: fine.csv}
`,
    'reviewed.csv': reviewed,
    'drifted.csv': drifted,
    'fine.csv': reviewed,
    ...files,
  });
}

/** What an error of the first artifact is expected to say. */
export interface ExpectedError {
  readonly code: string;
  readonly side?: string;
  /** What the message must name. */
  readonly names: readonly (string | RegExp)[];
  /** What the hint must say. */
  readonly hints?: readonly (string | RegExp)[];
}

/** Audits a trio: no verdict for the first, drift beside it, exit 3. */
export async function expectNoVerdict(
  options: CliOptions,
  expected: ExpectedError,
): Promise<JsonArtifact> {
  const { report, stderr } = await runJson(['audit'], options);
  const [broken, besideDrifted, besideFine] = report.artifacts;
  expect(broken).toMatchObject({
    name: 'broken',
    verdict: 'indeterminate',
    state: 'indeterminate',
  });
  expectError(broken!.error, expected);
  expect(besideDrifted).toMatchObject({ name: 'drifted', verdict: 'drifted', error: null });
  expect(besideDrifted!.counts).toMatchObject({ duplicated: 1 });
  expect(besideFine).toMatchObject({ name: 'fine', verdict: 'in-sync', state: 'identical' });
  expect(report.exitCode).toBe(3);
  expect(stderr).toBe('');
  return broken!;
}

/** An error that names its place and says what to do. */
export function expectError(error: JsonError | null, expected: ExpectedError): void {
  expect(error?.code).toBe(expected.code);
  for (const name of expected.names) expect(error?.message).toMatch(name);
  if (expected.side !== undefined) expect(error?.place.side).toBe(expected.side);
  expect(error?.hint ?? '').not.toBe('');
  for (const hint of expected.hints ?? []) expect(error?.hint).toMatch(hint);
}

/** Commits what these files are now. */
export async function commit(directory: string, files: Files, message = 'change'): Promise<string> {
  await writeFiles(directory, files);
  git(directory, 'add', '--all');
  git(directory, 'commit', '--quiet', '--allow-empty', '--message', message);
  return git(directory, 'rev-parse', 'HEAD');
}
