/** A word of an engine's settings, as the contract may write it. */
export interface EngineWord {
  readonly kind: 'text' | 'count' | 'texts' | 'map';
  readonly words: string;
  /** The engine cannot be reached without it. */
  readonly needed?: true;
}

/** One table of the engines that can be driven, and what a contract says of each (SPEC §3). */
export const engineKinds: Readonly<Record<string, Readonly<Record<string, EngineWord>>>> = {
  duckdb: {
    memory: { kind: 'text', words: 'Most memory that it takes, 4GB; it spills beyond that.' },
    threads: { kind: 'count', words: 'Threads that it uses.' },
    database: {
      kind: 'text',
      words:
        'A database file, opened read-only; without one, tables are Parquet files by their paths.',
    },
    extensions: { kind: 'texts', words: 'Extensions to load, by name or path: httpfs for S3.' },
  },
  trino: {
    url: { kind: 'text', words: 'The coordinator, https://HOST[:PORT].', needed: true },
    catalog: { kind: 'text', words: 'Catalog of names that say none.' },
    schema: { kind: 'text', words: 'Schema of names that say none.' },
    user: {
      kind: 'text',
      words: 'Who asks; TRINO_PASSWORD or TRINO_ACCESS_TOKEN in the environment proves it.',
    },
    session: { kind: 'map', words: 'Session properties.' },
  },
  athena: {
    workgroup: { kind: 'text', words: 'Workgroup that pays.' },
    database: { kind: 'text', words: 'Database of names that say none.' },
    catalog: { kind: 'text', words: 'Data catalog; AwsDataCatalog where left out.' },
    output: { kind: 'text', words: 'Where answers are kept, where the workgroup does not say.' },
    region: { kind: 'text', words: 'AWS region.' },
    profile: { kind: 'text', words: 'AWS profile.' },
    endpoint: { kind: 'text', words: 'Another address of the service.' },
    dollarsPerTebibyte: { kind: 'count', words: 'What scanning costs; 5 where left out.' },
  },
  spark: {
    submit: {
      kind: 'text',
      words: 'spark-submit or spark-sql: a path, or a name of SPARK_HOME/bin or PATH.',
    },
    master: { kind: 'text', words: 'Where it runs: local[2], yarn, k8s://…' },
    conf: { kind: 'map', words: 'Settings of the session.' },
  },
};
