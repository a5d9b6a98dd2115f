import { spawn, type ChildProcess } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { judgeAnew, judgePair, type Anew } from './judge.ts';
import type { Ambiguity } from '../../src/model/index.ts';
import {
  cleanCopy,
  cleanTable,
  createChance,
  exportedCopy,
  longTable,
  mutatedCopy,
  type Table,
} from './tables.ts';

/** What each reader made of a file: a digest of its (key, consumed), or that it stops. */
export type Answer = Readonly<Record<string, string>>;

export interface FuzzOptions {
  readonly driver: 'read.py' | 'spark.py' | 'SparkParser.java';
  /** What `driver` is run by, and what it gets before the driver's path. */
  readonly command: readonly [program: string, ...args: readonly string[]];
  readonly drivers: string;
  readonly directory: string;
  /** Mutated ones; a clean one for each ten is tried beside them. */
  readonly files: number;
  readonly seed: number;
  /** Milliseconds after which it ends with what it has. */
  readonly time: number;
  readonly tell: (line: string) => void;
}

export interface FuzzCounts {
  files: number;
  /** Of these, the ones that some trick was played on. */
  mutated: number;
  /** Not in sync by keydrift, or unreadable: nothing is promised of them. */
  refused: number;
  ambiguous: number;
  /** Files as `run --as canonical` hands them over, and those of them that are ambiguous. */
  canonical: number;
  canonicalAmbiguous: number;
  disagreements: number;
  /** Pairs that no trick was played on. */
  clean: number;
  readonly hazards: Map<string, number>;
  readonly falseAlarms: Map<string, number>;
  readonly cleanAlarms: Map<string, number>;
}

/** One table of so many is longer than what a sniffer looks at. */
const longEvery = 200;
/** Mutated files of one table. */
const perTable = 10;
/** Tables whose files are read at once: a job of Spark's takes longer than a file. */
const perBatch = { 'read.py': 1, 'spark.py': 12, 'SparkParser.java': 1 };
/** Disagreements that are shown. */
const mostShown = 20;

interface Case {
  readonly bytes: Buffer;
  readonly tricks: readonly string[];
}

/** Tries mutated files on the real readers; see the README, "Which reader". */
export async function fuzz(options: FuzzOptions): Promise<FuzzCounts> {
  const readers = startReaders(options);
  const counts: FuzzCounts = {
    files: 0,
    mutated: 0,
    refused: 0,
    ambiguous: 0,
    canonical: 0,
    canonicalAmbiguous: 0,
    disagreements: 0,
    clean: 0,
    hazards: new Map(),
    falseAlarms: new Map(),
    cleanAlarms: new Map(),
  };
  const end = performance.now() + options.time;
  const mayGoOn = (): boolean => counts.mutated < options.files && performance.now() < end;
  try {
    const size = perBatch[options.driver];
    for (let batch = 0; mayGoOn(); batch += 1) {
      const first = options.seed + batch * size;
      await tryTables(
        Array.from({ length: size }, (_, at) => first + at),
        readers,
        options,
        counts,
      );
      if (((batch + 1) * size) % 96 === 0) {
        options.tell(`${counts.files} files, seed ${first}, ${counts.disagreements} disagreements`);
      }
    }
  } finally {
    readers.end();
  }
  return counts;
}

interface Made {
  readonly seed: number;
  readonly table: Table;
  readonly reviewed: Buffer;
  readonly cases: readonly Case[];
  /** Each of them as `run --as canonical` hands it over; null: it does not. */
  readonly anew: readonly (Anew | null)[];
}

async function makeTable(seed: number, directory: string): Promise<Made> {
  const chance = createChance(seed);
  const short = cleanTable(chance);
  const table = seed % longEvery === 0 ? longTable(short, chance) : short;
  const reviewed = cleanCopy(table, chance);
  const cases: Case[] = [{ bytes: exportedCopy(table, chance), tricks: [] }];
  for (let made = 0; made < perTable; made += 1) cases.push(mutatedCopy(table, chance));
  const anew: (Anew | null)[] = [];
  for (const { bytes } of cases) {
    anew.push(await judgeAnew(table, reviewed, bytes, join(directory, 'anew.csv')));
  }
  return { seed, table, reviewed, cases, anew };
}

async function tryTables(
  seeds: readonly number[],
  readers: Readers,
  options: FuzzOptions,
  counts: FuzzCounts,
): Promise<void> {
  const made: Made[] = [];
  for (const seed of seeds) made.push(await makeTable(seed, options.directory));
  const files = made.flatMap(({ table, reviewed, cases, anew }): readonly ReadFile[] => [
    { table, bytes: reviewed },
    ...cases.map(({ bytes }) => ({ table, bytes })),
    ...anew.flatMap((one) =>
      one === null ? [] : [{ table: { ...table, delimiter: ',' }, bytes: one.bytes }],
    ),
  ]);
  const answers = (await readers.read(files))[Symbol.iterator]();
  const next = (): Answer => answers.next().value!;
  for (const { seed, table, reviewed, cases, anew } of made) {
    const before = next();
    for (const [at, one] of cases.entries()) {
      const name = `seed ${seed}, file ${at}, ${one.tricks.join(' + ')}`;
      await tryCase({ ...one, table, reviewed, name }, before, next(), options, counts);
    }
    for (const [at, handed] of anew.entries()) {
      if (handed === null) continue;
      counts.canonical += 1;
      if (handed.found.length > 0) counts.canonicalAmbiguous += 1;
      const name = `seed ${seed}, file ${at}, ${cases[at]!.tricks.join(' + ')}, as canonical`;
      tellMissed({ bytes: handed.bytes, name }, handed.found, before, next(), options, counts);
    }
  }
}

async function tryCase(
  { bytes, tricks, table, reviewed, name }: Case & { table: Table; reviewed: Buffer; name: string },
  before: Answer,
  after: Answer,
  options: FuzzOptions,
  counts: FuzzCounts,
): Promise<void> {
  counts.files += 1;
  if (tricks.length > 0) counts.mutated += 1;
  const found = await judgePair(table, reviewed, bytes);
  if (found === null) {
    counts.refused += 1;
    return;
  }
  if (tricks.length === 0) counts.clean += 1;
  if (found.length > 0) counts.ambiguous += 1;
  const differing = Object.keys(before).filter((reader) => before[reader] !== after[reader]);
  const asked = new Set(Object.keys(before).flatMap(namesOf));
  for (const { hazard, readers } of found) {
    // Of readers that were not asked, nothing is shown.
    if (!readers.some((reader) => asked.has(reader))) continue;
    count(counts.hazards, hazard);
    const own = differing.filter((reader) => namesOf(reader).some((one) => readers.includes(one)));
    if (own.length > 0) continue;
    count(counts.falseAlarms, hazard);
    if (tricks.length === 0) count(counts.cleanAlarms, hazard);
  }
  tellMissed({ bytes, name }, found, before, after, options, counts);
}

/** Tells the readers that make something else of a file, and of which keydrift says nothing. */
function tellMissed(
  { bytes, name }: { readonly bytes: Buffer; readonly name: string },
  found: readonly Ambiguity[],
  before: Answer,
  after: Answer,
  { tell }: FuzzOptions,
  counts: FuzzCounts,
): void {
  const flagged = new Set(found.flatMap(({ readers }) => readers));
  for (const reader of Object.keys(before)) {
    if (before[reader] === after[reader]) continue;
    if (namesOf(reader).some((one) => flagged.has(one))) continue;
    counts.disagreements += 1;
    if (counts.disagreements > mostShown) continue;
    tell(`DISAGREEMENT of ${reader}: ${name}: ${before[reader]} -> ${after[reader]}`);
    tell(`  ${JSON.stringify(bytes.toString('latin1').slice(0, 400))}`);
  }
}

function count(counts: Map<string, number>, hazard: string): void {
  counts.set(hazard, (counts.get(hazard) ?? 0) + 1);
}

/** As the contract calls a reader; one that was told names by place is two. */
export function namesOf(reader: string): readonly string[] {
  return reader.endsWith(' by place') ? [reader.replace(' by place', ''), 'positional'] : [reader];
}

interface ReadFile {
  readonly table: Table;
  readonly bytes: Buffer;
}

interface Readers {
  read(files: readonly ReadFile[]): Promise<readonly Answer[]>;
  end(): void;
}

function startReaders({ command, driver, drivers, directory }: FuzzOptions): Readers {
  const [program, ...args] = command;
  const child: ChildProcess = spawn(program, [...args, join(drivers, driver)], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  let written = 0;
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error(`${driver} ended`);
    return value;
  };
  return {
    async read(files) {
      const asked = files.map(({ table: { key, consumed, columns, delimiter }, bytes }) => {
        const path = join(directory, `${(written += 1)}.csv`);
        writeFileSync(path, bytes);
        return { path, key, consumed, columns, delimiter };
      });
      const answers: Answer[] = [];
      if (driver === 'spark.py') {
        child.stdin!.write(`${JSON.stringify(asked)}\n`);
        for (const answer of JSON.parse(await next()) as Answer[]) answers.push(steady(answer));
      } else {
        for (const file of asked) child.stdin!.write(`${JSON.stringify(file)}\n`);
        for (const _ of asked) answers.push(steady(JSON.parse(await next()) as Answer));
      }
      for (const { path } of asked) rmSync(path);
      return answers;
    },
    end: () => child.stdin!.end(),
  };
}

/** Why a reader stops is no matter. */
function steady(answer: Answer): Answer {
  return Object.fromEntries(
    Object.entries(answer).map(([reader, said]) => [
      reader,
      said.startsWith('stops') ? 'stops' : said,
    ]),
  );
}

/** The counts, as they are printed. */
export function summary(counts: FuzzCounts): string {
  const { files, mutated, refused, ambiguous, clean, canonical, disagreements } = counts;
  const table = (title: string, found: ReadonlyMap<string, number>): string =>
    `${title}: ${[...found].map(([hazard, times]) => `${hazard} ${times}`).join(', ') || 'none'}`;
  return [
    `${files} files, ${mutated} of them mutated, ${refused} not in sync, ${ambiguous} ambiguous`,
    `${canonical} of them also as canonical, ${counts.canonicalAmbiguous} ambiguous`,
    table('hazards', counts.hazards),
    table('called ambiguous, its readers all alike', counts.falseAlarms),
    table(`false alarms on ${clean} clean files`, counts.cleanAlarms),
    `disagreements: ${disagreements}`,
  ].join('\n');
}
