import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as wait } from 'node:timers/promises';
import {
  KeydriftError,
  shellQuote,
  type EngineSettings,
  type SourceContext,
} from '../../model/index.ts';
import { startProgram, type GitChild, type GitExit } from '../git/process.ts';
import { engineError, notInstalled, type Meaning } from './errors.ts';
import { mapSetting, textSetting } from './settings.ts';

/** One Spark that lives as long as a session and takes one statement after the other. */
export interface SparkShell {
  /** What stands before what is asked for: Spark and what it loads may say more. */
  readonly mark: string;
  /** What runs a statement by itself, as it is typed; what the contract has as a secret is left out. */
  typed(statement: string): string;
  /**
   * The lines that a statement answers with, in its turn; who stops reading ends Spark with all that
   * it started. Throws `ENGINE_…`, `TIMEOUT` where it was closed meanwhile.
   */
  ask(statement: string, id: string | null): AsyncIterable<string>;
  close(): Promise<void>;
}

/** A Spark that runs. */
interface Running {
  readonly child: GitChild;
  /** What it said on stderr since the last statement was given to it. */
  said: string;
  /** Told of each line of its output. */
  onLine: (line: string) => void;
}

/** What makes Spark read values as every other engine does, and take statements as they are. */
const settled: readonly (readonly [string, string])[] = [
  ['spark.sql.session.timeZone', 'UTC'],
  ['spark.sql.ansi.enabled', 'true'],
  ['spark.sql.parser.escapedStringLiterals', 'false'],
  ['spark.sql.variable.substitute', 'false'],
  ['spark.sql.cli.print.header', 'false'],
  ['spark.ui.enabled', 'false'],
  ['spark.ui.showConsoleProgress', 'false'],
  // What these rules look for, no query here has, and each looks for it by writing every value out by
  // all that it is made of: minutes for values that are made in layers.
  ['spark.sql.constraintPropagation.enabled', 'false'],
  ['spark.sql.optimizer.dynamicPartitionPruning.enabled', 'false'],
  ['spark.sql.optimizer.runtime.bloomFilter.enabled', 'false'],
];

const layered = ['PushDownPredicates', 'PushPredicateThroughNonJoin'].map(
  (rule) => `org.apache.spark.sql.catalyst.optimizer.${rule}`,
);

/** Its directory is private: statements and what Spark makes for itself stand there. */
export async function openSparkShell(
  engine: EngineSettings,
  { environment }: Pick<SourceContext, 'environment'>,
): Promise<SparkShell> {
  const own = environment['KEYDRIFT_TMPDIR'] ?? '';
  const directory = await mkdtemp(join(own === '' ? tmpdir() : own, 'keydrift-spark-'));
  await mkdir(join(directory, 'tmp'));
  const mark = `keydrift-${randomBytes(8).toString('hex')}:`;
  let running: Running | null = null;
  let last: Promise<unknown> = Promise.resolve();
  let number = 0;
  let closed = false;
  const forget = (one: Running): void => {
    if (running === one) running = null;
  };
  const shell: SparkShell = {
    mark,
    typed(statement) {
      const conf = mapSetting(engine, 'conf').filter(([name]) => !secrets.test(name));
      const words = [...startOf(engine), ...confWords(conf), '-e', statement];
      return [programOf(engine, environment), ...words].map(shellQuote).join(' ');
    },
    async *ask(statement, id) {
      const turn = last;
      const mine = turnOf();
      last = mine.over;
      await turn;
      if (closed) {
        mine.leave();
        throw cancelled(engine);
      }
      number += 1;
      const name = `${number}`;
      const file = join(directory, `${name}.sql`);
      const marked = ['begin', 'done'].map((word) => `SELECT '${mark}${word}:${name}';`);
      try {
        await writeFile(file, marked.join(`\n${statement};\n`), { mode: 0o600 });
      } catch (error) {
        mine.leave();
        throw error;
      }
      running ??= start(engine, environment, directory);
      const one = running;
      const answer = answerTo(one, { mark, name, file });
      // What nobody reads any more is still read to its end, so that the next one has its turn.
      void answer.end.then(mine.leave);
      let isRead = false;
      try {
        yield* answer.lines();
        const how = await answer.end;
        isRead = true;
        if (how === 'done') return;
        if (how !== 'failed') forget(one);
        if (closed) throw cancelled(engine);
        throw how === 'failed'
          ? engineError(engine, await reasonOf(one), { query: id, own: meanings })
          : startError(engine, how, id);
      } finally {
        if (!isRead) {
          forget(one);
          await stop(one);
        }
        await rm(file, { force: true });
      }
    },
    async close() {
      if (closed) return;
      closed = true;
      if (running !== null) await stop(running);
      await rm(directory, { recursive: true, force: true });
    },
  };
  return shell;
}

/** Something that others wait for. */
function turnOf(): { readonly over: Promise<void>; readonly leave: () => void } {
  let leave: (() => void) | null = null;
  const over = new Promise<void>((resolve) => (leave = resolve));
  return { over, leave: () => leave?.() };
}

/** How an answer ended: Spark itself may have. */
type AnswerEnd = 'done' | 'failed' | GitExit;

function answerTo(
  one: Running,
  { mark, name, file }: { readonly mark: string; readonly name: string; readonly file: string },
): { readonly end: Promise<AnswerEnd>; lines(): AsyncGenerator<string> } {
  const { child } = one;
  const waiting: string[] = [];
  let waked = turnOf();
  const wake = (): void => {
    waked.leave();
    waked = turnOf();
  };
  let isOver = false;
  child.hold();
  one.said = '';
  const end = new Promise<AnswerEnd>((resolve) => {
    let at: 'before' | 'in' | 'done' = 'before';
    void child.exit.then(resolve);
    one.onLine = (line) => {
      // The prompt stands before what comes first.
      if (line.endsWith(`${mark}begin:${name}`)) at = 'in';
      else if (line === `${mark}done:${name}`) at = 'done';
      else if (line.endsWith(`${mark}end:${name}`)) resolve(at === 'done' ? 'done' : 'failed');
      else if (at === 'in') waiting.push(line);
      wake();
    };
  }).finally(() => {
    isOver = true;
    child.release();
    wake();
  });
  // A statement that fails ends its file: what marks its success is in there, the end is not.
  child.stdin.write(`source ${file};\nSELECT '${mark}end:${name}';\n`);
  return {
    end,
    async *lines() {
      for (;;) {
        yield* waiting.splice(0);
        // More may have come while these were read.
        if (waiting.length > 0) continue;
        if (isOver) return;
        await waked.over;
      }
    },
  };
}

function start(
  engine: EngineSettings,
  environment: SourceContext['environment'],
  directory: string,
): Running {
  const child = startProgram(programOf(engine, environment), wordsOf(engine, directory), {
    // Statements may hold any character, and no terminal is asked how it is.
    environment: { ...environment, LC_ALL: 'C.UTF-8', TERM: 'dumb' },
    directory,
    life: 'group',
    onSign: (text) => (one.said = (one.said + text).slice(-16_384)),
  });
  const one: Running = { child, said: '', onLine: () => undefined };
  const decoder = new StringDecoder('utf8');
  let open = '';
  child.stdout.on('data', (chunk: Buffer) => {
    // By line feeds alone: other line breaks stand in cells as they are.
    const parts = (open + decoder.write(chunk)).split('\n');
    open = parts.pop() ?? '';
    for (const line of parts) one.onLine(line);
  });
  return one;
}

function programOf(engine: EngineSettings, environment: SourceContext['environment']): string {
  const name = textSetting(engine, 'submit') ?? 'spark-sql';
  const home = environment['SPARK_HOME'] ?? '';
  return name.includes('/') || home === '' ? name : join(home, 'bin', name);
}

/** What Spark itself takes for a secret, in names of its settings. */
const secrets = /secret|password|token|credential|access[.]?key/i;

function startOf(engine: EngineSettings): readonly string[] {
  const isSubmit = basename(programOf(engine, {})).startsWith('spark-submit');
  const master = textSetting(engine, 'master');
  return [
    ...(isSubmit ? ['--class', 'org.apache.spark.sql.hive.thriftserver.SparkSQLCLIDriver'] : []),
    ...(master === null ? [] : ['--master', master]),
  ];
}

function confWords(conf: Iterable<readonly [string, string]>): readonly string[] {
  return [...conf].flatMap(([name, value]) => ['--conf', `${name}=${value}`]);
}

function wordsOf(engine: EngineSettings, directory: string): readonly string[] {
  const given = new Map(mapSetting(engine, 'conf'));
  const temporary = join(directory, 'tmp');
  const java = 'spark.driver.extraJavaOptions';
  const excluded = 'spark.sql.optimizer.excludedRules';
  const conf = new Map([
    ['spark.local.dir', temporary],
    ...given,
    [java, `${given.get(java) ?? ''} -Djava.io.tmpdir=${temporary}`.trim()],
    [excluded, [given.get(excluded) ?? [], layered].flat().join(',')],
    ...settled,
  ]);
  return [...startOf(engine), ...confWords(conf), '-S'];
}

/** How long Spark is waited for, in milliseconds, when it is told to end. */
const endingMs = 1500;

async function stop({ child }: Running): Promise<void> {
  child.hold();
  child.kill('SIGTERM');
  const isOver = await Promise.race([child.exit, wait(endingMs, null, { ref: false })]);
  if (isOver === null) child.kill('SIGKILL');
  child.release();
}

const meanings: readonly Meaning[] = [
  {
    pattern: /JAVA_HOME is not set|java: (?:command )?not found|UnsupportedClassVersionError/i,
    code: 'ENGINE_NOT_INSTALLED',
    hint: 'Spark needs a Java: set JAVA_HOME.',
  },
];

function startError(engine: EngineSettings, end: GitExit, id: string | null): KeydriftError {
  const { startError: cause, stderr } = end;
  if (cause !== null) {
    return notInstalled(engine, textSetting(engine, 'submit') ?? 'spark-sql', cause);
  }
  return engineError(engine, reasonIn(stderr), { query: id, own: meanings });
}

/** What a statement failed of: it was said before its end was, through another pipe. */
async function reasonOf(one: Running): Promise<string> {
  for (let turn = 0; turn < 20 && !reasons.test(withoutWarnings(one.said)); turn += 1)
    await wait(25);
  return reasonIn(one.said);
}

const reasons = /^\s*(?:Error|\[[A-Z_.]+\]|Caused by|org\.apache|java\.)/m;

/** What it warns of is no reason, nor is the trace below such a line. */
function withoutWarnings(log: string): string {
  return log.replace(/^.*\bWARN\b.*(?:\n(?:(?:java|org)\.|[\t ]+at ).*)*/gm, '');
}

/** The line of a long log that says what was wrong. */
function reasonIn(log: string): string {
  const all = withoutWarnings(log)
    .split('\n')
    .map((line) => line.trim());
  const found = all.find((line) => reasons.test(line));
  return found ?? all.findLast((line) => line !== '') ?? 'it ended without a word';
}

function cancelled({ name }: EngineSettings): KeydriftError {
  return new KeydriftError('TIMEOUT', `${name} (spark): the query was cancelled`);
}
