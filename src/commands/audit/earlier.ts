import { parseLocation } from '../../contract/index.ts';
import type { AppContext, Sources } from '../../judge/context.ts';
import { registriesOf } from '../../judge/registries.ts';
import { exitCodes } from '../../judge/exit-code.ts';
import {
  knownRun,
  onlyNew,
  readState,
  stateDocument,
  withTransitions,
  type KnownRun,
} from '../../judge/transitions.ts';
import {
  faultClass,
  KeydriftError,
  sha256Hex,
  toKeydriftError,
  wholeOf,
  type Location,
  type Report,
  type Revision,
  type S3Access,
} from '../../model/index.ts';
import { parseSavedReport } from '../saved-report.ts';

/** What an audit is held against that was found before. */
export interface EarlierOptions {
  readonly access: S3Access;
  readonly enforced: boolean;
  /** `--previous`: a report, or a state; left out: none. */
  readonly previous?: string | null;
  /** `--state`: where what was found is kept from one run to the next. */
  readonly state?: string | null;
  /** `--only-new`: drift that was known does not fail. */
  readonly onlyNew?: 'only new' | 'all';
  /** Told where the state could not be kept: the report stands, and the code says so. */
  readonly onStateFault?: (error: KeydriftError) => void;
}

/** An earlier run, and what its state is pinned by; null: there is none yet. */
export interface Earlier {
  readonly run: KnownRun | null;
  readonly revision: Revision | null;
}

const emptyRun: KnownRun = { at: null, copies: new Map() };

/** Others may keep the same state at the same time: it is read again so often. */
const mostSwaps = 5;

/** Reads what was found before. Throws what reading it throws: what it would let pass is not known. */
export async function readEarlier(
  context: AppContext,
  options: EarlierOptions,
  sources: Sources,
): Promise<Earlier> {
  const { previous = null, state = null } = options;
  const place = previous ?? state;
  if (place === null) return { run: null, revision: null };
  if (previous !== null && state !== null) {
    throw new KeydriftError('USAGE', '--previous and --state both say what was found before', {
      hint: 'Leave out one of the two.',
    });
  }
  const location = locationOf(place, context, options);
  if (state !== null) await swapOf(location, state, sources);
  try {
    const copy = await sources.pin(location);
    const text = Buffer.from(await wholeOf(copy)).toString('utf8');
    const run = text.includes('keydrift.state/1')
      ? readState(text, place)
      : knownRun(await parseSavedReport(text, place), null);
    return { run, revision: copy.revision };
  } catch (thrown) {
    const error = toKeydriftError(thrown);
    // The first run of all has no state.
    if (state === null || faultClass(error) !== 'absent') throw error;
    return { run: emptyRun, revision: null };
  }
}

/** The report with what became of what was found before; a state is kept, as long as nobody was faster. */
export async function tellTransitions(
  report: Report,
  earlier: Earlier,
  context: AppContext,
  options: EarlierOptions,
  sources: Sources,
): Promise<Report> {
  const { state = null } = options;
  let { run, revision } = earlier;
  if (run === null || report.error !== null) return report;
  for (let attempt = 1; ; attempt += 1) {
    const told = compared(report, run, options);
    if (state === null) return told;
    try {
      const location = locationOf(state, context, options);
      const swap = await swapOf(location, state, sources);
      const bytes = Buffer.from(stateDocument(knownRun(told, run)));
      if ((await swap(location, contentOf(bytes), revision)) === 'written') return told;
      if (attempt === mostSwaps) throw keepsChanging(state);
      const again = await readEarlier(context, options, sources);
      run = again.run ?? emptyRun;
      revision = again.revision;
    } catch (thrown) {
      options.onStateFault?.(toKeydriftError(thrown));
      const isDrift = told.exitCode === exitCodes.drift || told.exitCode === exitCodes.both;
      return { ...told, exitCode: isDrift ? exitCodes.both : exitCodes.noVerdict };
    }
  }
}

function compared(
  report: Report,
  run: KnownRun,
  { onlyNew: which, enforced }: EarlierOptions,
): Report {
  const told = withTransitions(report, run);
  return which === 'only new' ? onlyNew(told, run, enforced ? 'enforced' : 'not enforced') : told;
}

function locationOf(
  text: string,
  context: AppContext,
  { access }: Pick<EarlierOptions, 'access'>,
): Location {
  const { schemes } = registriesOf(context);
  const { workingDirectory: directory } = context;
  return parseLocation(text, { side: 'runtime', directory, namedBy: 'person', access, schemes });
}

type Swap = NonNullable<Awaited<ReturnType<Sources['of']>>['swap']>;

async function swapOf(location: Location, state: string, sources: Sources): Promise<Swap> {
  const source = await sources.of(location);
  if (source.swap !== undefined) return (...asked) => source.swap!(...asked);
  throw new KeydriftError('USAGE', `--state ${state}: nothing there is written on a condition`, {
    hint: 'Write s3://BUCKET/KEY. To compare with a file: --previous FILE, and -o json:FILE for the next time.',
  });
}

function contentOf(bytes: Buffer): Parameters<Swap>[1] {
  return {
    bytes: bytes.length,
    sha256: sha256Hex(bytes),
    contentType: 'application/json',
    async *open() {
      yield bytes;
    },
  };
}

function keepsChanging(state: string): KeydriftError {
  return new KeydriftError(
    'WRITTEN_MEANWHILE',
    `${state} was written by others ${mostSwaps} times`,
    {
      hint: 'Give each schedule a state of its own.',
    },
  );
}
