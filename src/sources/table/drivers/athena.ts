import { setTimeout as wait } from 'node:timers/promises';
import type * as Api from '@aws-sdk/client-athena';
import {
  KeydriftError,
  type EngineSettings,
  type LakeColumn,
  type LakeRow,
  type SourceContext,
} from '../../../model/index.ts';
import { lookAtTokenFiles, profilesOf } from '../../s3/named-files.ts';
import { loadSdk } from '../../s3/sdk.ts';
import type { Asking, Driver, QueryNote, Session } from '../driver.ts';
import { engineError, notInstalled } from '../errors.ts';
import { textSetting } from '../settings.ts';
import { pinTable, snapshotsOf, type TrinoLike } from '../trino-like.ts';

/** Amazon Athena by its API; its SQL is Trino's. */
export const athena: Driver = { dialect: 'trino', connect };

interface Client {
  readonly engine: EngineSettings;
  readonly api: typeof Api;
  readonly athena: Api.AthenaClient;
  /** Ids of queries on their way. */
  readonly running: Set<string>;
  readonly stop: AbortController;
}

async function connect(engine: EngineSettings, { environment }: SourceContext): Promise<Session> {
  const api = await load(engine);
  await lookAtNamedFiles(engine, environment);
  const words = ['region', 'profile', 'endpoint'].flatMap((word) => {
    const value = textSetting(engine, word);
    return value === null ? [] : [[word, value] as const];
  });
  const athenaClient = new api.AthenaClient(Object.fromEntries(words));
  const client: Client = {
    engine,
    api,
    athena: athenaClient,
    running: new Set(),
    stop: new AbortController(),
  };
  return session(client);
}

/** What the SDK opens by itself, for its own keys. */
async function lookAtNamedFiles(
  engine: EngineSettings,
  environment: SourceContext['environment'],
): Promise<void> {
  const sdk = await loadSdk();
  // What is read here, its own SDK does not get.
  const profiles = await profilesOf(sdk, environment, 'refused');
  const profile = textSetting(engine, 'profile') ?? (environment['AWS_PROFILE'] || null);
  if (profile === null && (environment['AWS_ACCESS_KEY_ID'] ?? '') !== '') return;
  await lookAtTokenFiles(sdk, environment, profiles, profile ?? 'default', 'refused');
}

async function load(engine: EngineSettings): Promise<typeof Api> {
  try {
    return await import('@aws-sdk/client-athena');
  } catch (error) {
    throw notInstalled(engine, '@aws-sdk/client-athena', error);
  }
}

function session(client: Client): Session {
  const { engine, api, athena: service, running, stop } = client;
  const like: TrinoLike = {
    ask: (sql) => ask(client, sql),
    describe: (sql) => describe(client, sql),
    within: [textSetting(engine, 'database'), null],
  };
  return {
    // The service takes 262,144.
    mostQueryBytes: 250_000,
    query: ({ sql, note }: Asking) => ask(client, sql, note),
    pin: (location) => pinTable(like, location),
    snapshots: (location) => snapshotsOf(like, location),
    async close() {
      stop.abort();
      const stopped = [...running].map((QueryExecutionId) =>
        service
          .send(new api.StopQueryExecutionCommand({ QueryExecutionId }))
          .catch(() => undefined),
      );
      await Promise.all(stopped);
      running.clear();
      service.destroy();
    },
  };
}

async function* ask(
  client: Client,
  sql: string,
  note: (fact: QueryNote) => void = () => undefined,
): AsyncGenerator<LakeRow> {
  const id = await execute(client, sql, note);
  // SHOW and DESCRIBE have no line of column names.
  let skip = /^\s*(?:SELECT|WITH)\b/i.test(sql);
  for await (const { ResultSet } of pages(client, id)) {
    for (const { Data = [] } of ResultSet?.Rows ?? []) {
      if (!skip) yield Data.map(({ VarCharValue }) => VarCharValue ?? null);
      skip = false;
    }
  }
}

async function describe(client: Client, sql: string): Promise<readonly LakeColumn[]> {
  const id = await execute(client, sql, () => undefined);
  for await (const { ResultSet } of pages(client, id)) {
    const columns = ResultSet?.ResultSetMetadata?.ColumnInfo ?? [];
    return columns.map(({ Name = '', Type = '' }) => ({ name: Name, type: Type }));
  }
  return [];
}

/** Starts a query and waits for its end; gives its id. */
async function execute(
  client: Client,
  sql: string,
  note: (fact: QueryNote) => void,
): Promise<string> {
  const { engine, api, running, stop } = client;
  const [WorkGroup, Database, Catalog, OutputLocation] = [
    'workgroup',
    'database',
    'catalog',
    'output',
  ].map((word) => textSetting(engine, word) ?? undefined);
  const { QueryExecutionId: id = '' } = await send(client, () =>
    client.athena.send(
      new api.StartQueryExecutionCommand({
        QueryString: sql,
        WorkGroup,
        QueryExecutionContext: { Database, Catalog },
        ...(OutputLocation === undefined ? {} : { ResultConfiguration: { OutputLocation } }),
      }),
      { abortSignal: stop.signal },
    ),
  );
  note({ id });
  running.add(id);
  for (let pause = 100; ; pause = Math.min(2000, 2 * pause)) {
    const { QueryExecution } = await send(client, () =>
      client.athena.send(new api.GetQueryExecutionCommand({ QueryExecutionId: id }), {
        abortSignal: stop.signal,
      }),
    );
    const { State, StateChangeReason } = QueryExecution?.Status ?? {};
    if (State === 'QUEUED' || State === 'RUNNING') {
      await wait(pause, undefined, { signal: stop.signal }).catch(() => {
        throw cancelled(engine);
      });
      continue;
    }
    running.delete(id);
    const scanned = QueryExecution?.Statistics?.DataScannedInBytes ?? 0;
    note({ bytesScanned: scanned, cost: costOf(engine, scanned) });
    if (State === 'SUCCEEDED') return id;
    throw engineError(engine, StateChangeReason ?? `the query ended as ${State}`, { query: id });
  }
}

/** A query pays for what it scans, and for ten megabytes at least. */
function costOf(engine: EngineSettings, scanned: number): number {
  const dollars = Number(textSetting(engine, 'dollarsPerTebibyte') ?? '5');
  return (Math.max(scanned, 10 * 1024 ** 2) / 1024 ** 4) * dollars;
}

async function* pages(client: Client, id: string): AsyncGenerator<Api.GetQueryResultsOutput> {
  const { api, stop } = client;
  let token: string | undefined;
  do {
    const NextToken = token;
    const page = await send(client, () =>
      client.athena.send(
        new api.GetQueryResultsCommand({ QueryExecutionId: id, NextToken, MaxResults: 1000 }),
        { abortSignal: stop.signal },
      ),
    );
    yield page;
    token = page.NextToken;
  } while (token !== undefined && token !== '');
}

async function send<T>({ engine, stop }: Client, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (stop.signal.aborted) throw cancelled(engine);
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    throw engineError(engine, `${name}: ${message}`, {
      cause: error,
      own: [
        {
          pattern: /CredentialsProviderError|Region is missing|ENOTFOUND|ECONNREFUSED|TimeoutError/,
          code: 'ENGINE_UNREACHABLE',
          hint: { text: 'See region and credentials', command: 'aws sts get-caller-identity' },
        },
      ],
    });
  }
}

function cancelled({ name }: EngineSettings): KeydriftError {
  return new KeydriftError('TIMEOUT', `${name} (athena): the query was cancelled`);
}
