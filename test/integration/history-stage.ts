import { afterAll, beforeAll } from 'vitest';
import type { S3Server } from '../../localstack/s3-server/index.ts';
import { documentOf } from '../documents.ts';
import { requires, startS3Server } from '../servers/start.ts';
import {
  git,
  runCli,
  temporaryDirectory,
  writeFiles,
  type CliResult,
  type JsonArtifact,
} from './cli.ts';
import { gitAgo } from './known-drift.ts';
import { environmentOf } from './stage.ts';

/** A repository and a bucket whose pasts a test writes. */
export interface PastStage {
  readonly env: Readonly<Record<string, string>>;
  readonly server: S3Server;
  /** Writes a version of an object, some hours ago; gives its VersionId. */
  put(key: string, hours: number, body: string, headers?: Readonly<Record<string, string>>): string;
  /** Deletes an object, some hours ago; gives the delete marker's VersionId. */
  remove(key: string, hours: number): string | undefined;
}

export const bucket = 'prod';

export function setPastStage(): PastStage {
  let server: S3Server;
  const written = new Set<string>();
  /** What is written over, or deleted, has a past only where there are versions. */
  const keepPast = (key: string): void => {
    if (written.has(key)) requires('versions');
    written.add(key);
  };
  beforeAll(async () => {
    server = await startS3Server();
    server.createBucket(bucket, { versioning: 'Enabled' });
    server.createBucket('plain');
    server.createBucket('lake');
  });
  afterAll(() => server.close());
  return {
    get env() {
      return environmentOf(server.endpoint);
    },
    get server() {
      return server;
    },
    put(key, hours, body, headers = {}) {
      keepPast(key);
      return server.putObject({ bucket, key, body, headers, lastModified: hoursAgo(hours) })
        .versionId;
    },
    remove(key, hours) {
      keepPast(key);
      return server.deleteObject({ bucket, key, lastModified: hoursAgo(hours) });
    },
  };
}

export function hoursAgo(hours: number): Date {
  return new Date(Math.floor(Date.now() / 1000) * 1000 - hours * 3_600_000);
}

/** A contract of one artifact, `slices`. */
export function contractOf(key: string, words = ''): string {
  return `version: 1
artifacts:
  slices:
    reviewed: slices.csv
    runtime: s3://${bucket}/${key}
    key: [id]
    consumes: [mode]
    ${words}
`;
}

/** An empty repository with a contract in it. */
export async function makePast(contract: string): Promise<string> {
  const cwd = await temporaryDirectory();
  git(cwd, 'init', '--quiet', '--template=');
  await writeFiles(cwd, { 'keydrift.yaml': contract });
  return cwd;
}

/** Commits a body as slices.csv, some hours ago; gives the commit. */
export async function commitSlices(
  cwd: string,
  hours: number,
  body: string | null,
  subject = 'change',
  path = 'slices.csv',
): Promise<string> {
  if (body === null) git(cwd, 'rm', '--quiet', path);
  else {
    await writeFiles(cwd, { [path]: body });
    git(cwd, 'add', path);
  }
  gitAgo(cwd, hours * 60, 'commit', '--quiet', '--message', subject);
  return git(cwd, 'rev-parse', 'HEAD');
}

/** The parts of an investigation that tests assert; its schema vouches for the rest. */
export interface JsonInvestigation {
  readonly verdict: string;
  readonly exitCode: number;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly artifact: (JsonArtifact & { readonly cause: JsonCause | null }) | null;
  readonly history: {
    readonly reviewed: string | null;
    readonly runtime: string | null;
    readonly reasons: readonly string[];
  };
  readonly timeline: readonly {
    readonly at: string;
    readonly side: string;
    readonly commit?: string;
    readonly versionId?: string | null;
    readonly deleted: boolean;
    readonly units: number | null;
    readonly rows: number | null;
    readonly relation: string | null;
    readonly error?: { readonly code: string } | null;
    readonly counts: Readonly<Record<string, number>> | null;
    readonly evidence?: string | null;
    readonly claim?: { readonly commit: string | null } | null;
  }[];
  readonly onset: {
    readonly versionId?: string | null;
    readonly commit?: string;
    readonly at: string;
    readonly versions: number;
    readonly began: string;
    readonly change: { readonly counts: Readonly<Record<string, number>> } | null;
    readonly byKind: Readonly<Record<string, { versionId?: string | null; commit?: string }>>;
    readonly later: readonly { readonly versionId?: string | null }[];
  } | null;
  readonly slice: {
    readonly points: readonly {
      readonly side: string;
      readonly change: string;
      readonly rowCount: number;
    }[];
    readonly rowCount: { readonly reviewed: number; readonly runtime: number };
    readonly blame: readonly { readonly line: number; readonly commit: string }[];
    readonly diff: string | null;
  } | null;
  readonly comparison: {
    readonly from: Readonly<Record<string, unknown>>;
    readonly to: Readonly<Record<string, unknown>>;
    readonly artifact: JsonArtifact;
  } | null;
  readonly cost: {
    readonly scans: string | null;
    readonly redundantRows: number;
    readonly redundantBytes: number | null;
    readonly known: string;
    readonly units: readonly { readonly prefix: string; readonly redundantBytes: number | null }[];
  } | null;
}

export interface JsonCause {
  readonly kind: string;
  readonly commit: string | null;
  readonly behind: number | null;
  readonly branch: string | null;
  readonly edits: Readonly<Record<string, number>> | null;
  readonly reason: string | null;
}

/** Runs `investigate slices` and reads its JSON, which must be what the schema says. */
export async function investigateSlices(
  cwd: string,
  env: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<JsonInvestigation & Pick<CliResult, 'code'>> {
  const all = ['investigate', 'slices', '--format', 'json', ...args];
  const { code, stdout, stderr } = await runCli(all, { cwd, env });
  if (stdout === '') throw new Error(stderr);
  return { ...investigationOf(stdout), code };
}

/** An investigation's JSON, which must be what the schema says. */
export function investigationOf(json: string): JsonInvestigation {
  return documentOf('investigation', json);
}
