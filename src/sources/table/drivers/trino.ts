import { setTimeout as wait } from 'node:timers/promises';
import {
  KeydriftError,
  shellQuote,
  type EngineSettings,
  type LakeColumn,
  type LakeRow,
  type SourceContext,
} from '../../../model/index.ts';
import type { Asking, Driver, QueryNote, Session } from '../driver.ts';
import { engineError } from '../errors.ts';
import { mapSetting, textSetting } from '../settings.ts';
import { pinTable, snapshotsOf, type TrinoLike } from '../trino-like.ts';

/** Trino by its HTTP protocol: a statement is posted, and its answer fetched page by page. */
export const trino: Driver = {
  dialect: 'trino',
  connect: (engine, context) => Promise.resolve(session(createClient(engine, context))),
};

/** A coordinator, and who asks it. */
interface Client {
  readonly engine: EngineSettings;
  readonly url: URL;
  readonly user: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Pages that are still to come, by the query's id. */
  readonly open: Map<string, string>;
  readonly stop: AbortController;
}

/** What is read of a page. */
interface Page {
  readonly id?: string;
  readonly nextUri?: string;
  readonly columns?: readonly { readonly name: string; readonly type: string }[];
  readonly data?: readonly (readonly (string | number | boolean | null)[])[];
  readonly error?: { readonly message?: string; readonly errorName?: string };
  readonly stats?: { readonly physicalInputBytes?: number; readonly processedBytes?: number };
}

function createClient(engine: EngineSettings, { environment }: SourceContext): Client {
  const url = new URL(textSetting(engine, 'url') ?? 'http://127.0.0.1:8080');
  const user = textSetting(engine, 'user') ?? environment['TRINO_USER'] ?? 'keydrift';
  const { TRINO_PASSWORD: password = '', TRINO_ACCESS_TOKEN: token = '' } = environment;
  const proof =
    token !== ''
      ? `Bearer ${token}`
      : password !== ''
        ? `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
        : null;
  const isLocal = /^(?:localhost|127\.|\[::1\])/.test(url.hostname);
  if (proof !== null && url.protocol !== 'https:' && !isLocal) {
    throw new KeydriftError(
      'ENGINE_NOT_AUTHORIZED',
      `${engine.name} (trino): a password is sent by https only`,
      {
        hint: 'Write the url of the engine with https://.',
      },
    );
  }
  const properties = mapSetting(engine, 'session').map(
    ([name, value]) => `${name}=${encodeURIComponent(value)}`,
  );
  const optional = [
    ['X-Trino-Catalog', textSetting(engine, 'catalog')],
    ['X-Trino-Schema', textSetting(engine, 'schema')],
    ['X-Trino-Session', properties.length === 0 ? null : properties.join(',')],
    ['Authorization', proof],
  ].filter(([, value]) => value !== null);
  return {
    engine,
    url,
    user,
    headers: {
      'X-Trino-User': user,
      'X-Trino-Source': 'keydrift',
      'X-Trino-Time-Zone': 'UTC',
      ...Object.fromEntries(optional),
    },
    open: new Map(),
    stop: new AbortController(),
  };
}

function session(client: Client): Session {
  const { engine, open, stop } = client;
  const like: TrinoLike = {
    ask: (sql) => rowsOf(pages(client, sql)),
    describe: (sql) => columnsOf(pages(client, sql)),
    within: [textSetting(engine, 'schema'), textSetting(engine, 'catalog')],
    typed: (sql) =>
      ['trino', '--server', client.url.origin, '--user', client.user, '--execute', sql]
        .map(shellQuote)
        .join(' '),
  };
  return {
    mostQueryBytes: 900_000,
    query: ({ sql, note }: Asking) => rowsOf(pages(client, sql, note)),
    pin: (location) => pinTable(like, location),
    snapshots: (location) => snapshotsOf(like, location),
    async close() {
      stop.abort();
      await Promise.all([...open.values()].map((uri) => cancel(client, uri)));
      open.clear();
    },
  };
}

async function* rowsOf(answer: AsyncIterable<Page>): AsyncGenerator<LakeRow> {
  for await (const { data = [] } of answer) {
    for (const row of data) yield row.map((cell) => (cell === null ? null : String(cell)));
  }
}

async function columnsOf(answer: AsyncIterable<Page>): Promise<readonly LakeColumn[]> {
  let columns: readonly LakeColumn[] = [];
  for await (const page of answer) {
    if (page.columns !== undefined)
      columns = page.columns.map(({ name, type }) => ({ name, type }));
  }
  return columns;
}

/** Who stops reading cancels the query. */
async function* pages(
  client: Client,
  sql: string,
  note: (fact: QueryNote) => void = () => undefined,
): AsyncGenerator<Page> {
  const { engine, open } = client;
  let page = await request(client, new URL('/v1/statement', client.url), {
    method: 'POST',
    body: sql,
  });
  const id = page.id ?? '';
  note({ id });
  let scanned = 0;
  try {
    for (;;) {
      const { nextUri, error, stats } = page;
      if (error !== undefined) {
        throw engineError(
          engine,
          `${error.errorName ?? ''}: ${error.message ?? 'no reason given'}`,
          {
            query: id,
          },
        );
      }
      scanned = Math.max(scanned, stats?.physicalInputBytes ?? stats?.processedBytes ?? 0);
      if (nextUri === undefined) open.delete(id);
      else open.set(id, nextUri);
      yield page;
      if (nextUri === undefined) break;
      page = await request(client, sameHost(client, nextUri), { method: 'GET' });
    }
  } finally {
    note({ bytesScanned: scanned });
    const left = open.get(id);
    open.delete(id);
    if (left !== undefined) await cancel(client, left);
  }
}

/** Whom the next page is asked of must be whom the statement was sent to. */
function sameHost({ url, engine }: Client, next: string): URL {
  const found = new URL(next);
  if (found.host === url.host && found.protocol === url.protocol) return found;
  throw engineError(
    engine,
    `it answers with pages at ${found.protocol}//${found.host}, which is not ${url.origin}`,
  );
}

const mostTries = 5;

async function request(
  client: Client,
  url: URL,
  init: { method: string; body?: string },
): Promise<Page> {
  const { engine, headers, stop } = client;
  for (let attempt = 1; ; attempt += 1) {
    let response: Response;
    try {
      response = await fetch(url, { ...init, headers, redirect: 'error', signal: stop.signal });
    } catch (cause) {
      if (stop.signal.aborted) {
        throw new KeydriftError('TIMEOUT', `${engine.name} (trino): the query was cancelled`, {
          cause,
        });
      }
      throw new KeydriftError(
        'ENGINE_UNREACHABLE',
        `${engine.name} (trino): ${client.url.origin} cannot be reached`,
        {
          cause,
          hint: 'See `url` of the engine in the contract, and whether its coordinator is up.',
        },
      );
    }
    if (response.status === 200) return pageOf(await response.json());
    const isBusy = [429, 502, 503, 504].includes(response.status);
    if (isBusy && attempt < mostTries) {
      await wait(100 * 2 ** attempt, undefined, { signal: stop.signal });
      continue;
    }
    const said = (await response.text()).slice(0, 500);
    throw engineError(
      engine,
      `HTTP ${response.status}: ${said === '' ? response.statusText : said}`,
    );
  }
}

/** An answer that is no page has nothing that is read of one. */
function pageOf(answer: unknown): Page {
  return typeof answer === 'object' && answer !== null ? answer : {};
}

/** Whether it could be cancelled changes nothing any more. */
async function cancel({ headers }: Client, uri: string): Promise<void> {
  const signal = AbortSignal.timeout(5000);
  await fetch(uri, { method: 'DELETE', headers, signal }).catch(() => undefined);
}
