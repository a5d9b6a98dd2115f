import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';

/** A stand-in of Athena's API that runs the queries on DuckDB; snapshot 7 of `t` is its table `t@7`. */
export interface AthenaServer {
  readonly url: string;
  /** Statements that were started, and ids that were stopped. */
  readonly started: string[];
  readonly stopped: string[];
  /** While true, queries stay on their way. */
  hold: boolean;
  close(): Promise<void>;
}

interface Ran {
  readonly columns: readonly { readonly Name: string; readonly Type: string }[];
  readonly rows: readonly (readonly (string | null)[])[];
  readonly error: string | null;
}

const pageRows = 3;

export async function startAthena(prepare: readonly string[]): Promise<AthenaServer> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  for (const sql of [...macros, ...prepare]) await connection.run(sql);
  const queries = new Map<string, Promise<Ran>>();
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const target = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
      const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, string>;
      response.setHeader('content-type', 'application/x-amz-json-1.1');
      void answer(target, body).then((told) => response.end(JSON.stringify(told)));
    });
  });
  let last: Promise<unknown> = Promise.resolve();
  const answer = async (target: string, body: Record<string, string>): Promise<unknown> => {
    const id = body['QueryExecutionId'] ?? '';
    if (target === 'StartQueryExecution') {
      const sql = body['QueryString'] ?? '';
      const started = `query-${queries.size + 1}`;
      athena.started.push(sql);
      const ran = last.then(() => execute(connection, translated(sql)));
      last = ran;
      queries.set(started, ran);
      return { QueryExecutionId: started };
    }
    if (target === 'StopQueryExecution') {
      athena.stopped.push(id);
      return {};
    }
    if (target === 'GetQueryExecution') {
      if (athena.hold) return { QueryExecution: { Status: { State: 'RUNNING' } } };
      const { error } = await queries.get(id)!;
      const Status =
        error === null ? { State: 'SUCCEEDED' } : { State: 'FAILED', StateChangeReason: error };
      return { QueryExecution: { Status, Statistics: { DataScannedInBytes: 1024 ** 3 } } };
    }
    const { columns, rows } = await queries.get(id)!;
    const all = [columns.map(({ Name }) => Name), ...rows];
    const from = Number(body['NextToken'] ?? '0');
    const page = all.slice(from, from + pageRows);
    const next = from + pageRows < all.length ? { NextToken: String(from + pageRows) } : {};
    return {
      ...next,
      ResultSet: {
        ResultSetMetadata: { ColumnInfo: columns },
        Rows: page.map((row) => ({
          Data: row.map((cell) => (cell === null ? {} : { VarCharValue: cell })),
        })),
      },
    };
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const athena: AthenaServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    started: [],
    stopped: [],
    hold: false,
    async close() {
      await last;
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      connection.closeSync();
      instance.closeSync();
    },
  };
  return athena;
}

/** Functions of Trino that DuckDB calls otherwise. */
const macros = [
  'CREATE MACRO to_utf8(x) AS x',
  'CREATE MACRO as_hex(x) AS x',
  'CREATE MACRO array_join(x, s) AS ARRAY_TO_STRING(x, s)',
  "CREATE MACRO from_base(x, b) AS CAST('0x' || x AS BIGINT)",
  'CREATE MACRO regexp_like(x, p) AS regexp_matches(x, p)',
];

function translated(sql: string): string {
  return sql
    .replaceAll(/TO_HEX\((?=MD5|SHA256)/g, 'AS_HEX(')
    .replaceAll(/"([^"]+)" FOR VERSION AS OF (\d+)/g, '"$1@$2"')
    .replaceAll(/U&'((?:[^']|'')*)'/g, (_, text: string) => {
      const plain = text.replaceAll(/\\\+([0-9A-F]{6})/g, (__, hex: string) =>
        String.fromCodePoint(Number.parseInt(hex, 16)),
      );
      return `'${plain.replaceAll('\\\\', '\\')}'`;
    });
}

function textOf(cell: unknown): string | null {
  if (cell === null || typeof cell === 'string') return cell;
  return typeof cell === 'bigint' ? cell.toString() : JSON.stringify(cell);
}

async function execute(connection: DuckDBConnection, sql: string): Promise<Ran> {
  try {
    const result = await connection.runAndReadAll(sql);
    const types = result.columnTypes().map(String);
    return {
      columns: result.columnNames().map((Name, at) => ({
        Name,
        Type: types[at]!.toLowerCase(),
      })),
      rows: result.getRowsJS().map((row) => row.map(textOf)),
      error: null,
    };
  } catch (error) {
    return { columns: [], rows: [], error: (error as Error).message };
  }
}
