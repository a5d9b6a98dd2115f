import { environmentName } from '../contract/names.ts';
import { dialectOf } from '../formats/csv/dialect.ts';
import { compressionByName, formatByName } from '../formats/index.ts';
import { releasedSince } from '../judge/claim.ts';
import { reviewedLocation } from '../judge/pair.ts';
import { reviewedRequest } from '../judge/request.ts';
import {
  hintOf,
  revisionWord,
  shellQuote,
  timeText,
  type ArtifactContract,
  type ArtifactReport,
  type Cause,
  type FormatRegistry,
  type GivenOption,
  type Location,
  type Policy,
  type SideReport,
  type Step,
  type VersionEntry,
} from '../model/index.ts';
import {
  branchText,
  nameOf,
  optionText,
  repeated,
  shortKeyOf,
  shortKeySentence,
} from '../report/index.ts';
import {
  aheadOf,
  backBrief,
  backWords,
  behindSteps,
  historySteps,
  isCutOff,
  isUnmerged,
  short,
} from './history-steps.ts';
import type { JudgedTogether, Situation } from './situation.ts';

/** What can be done about a copy now; nothing where nothing is to be done, or nothing established. */
export function whatToDo(situation: Situation): readonly Step[] {
  const { report } = situation;
  const first = [...waitSteps(situation), ...historySteps(situation), ...behindSteps(situation)];
  if (report.verdict !== 'drifted') return first;
  return [
    ...first,
    ...fixSteps(situation),
    ...publishSteps(situation),
    ...placeSteps(situation),
    ...restoreSteps(situation),
    ...runSteps(situation),
    ...overrideSteps(situation),
  ];
}

/** A report with what can be done about it. */
export async function withSteps(
  known: Omit<Situation, 'released' | 'isAlone'>,
): Promise<ArtifactReport> {
  const { artifact, copy, report, sources } = known;
  const location = reviewedLocation(artifact, copy, sources);
  const released = await releasedSince(report, location, sources);
  const isAlone = isCutOff({ ...known, released }) && (await hasNoRemote(location, sources));
  const situation = { ...known, released, ...(isAlone ? { isAlone } : {}) };
  const steps = whatToDo(situation);
  return steps.length === 0 ? situation.report : { ...situation.report, whatToDo: steps };
}

/** Whether there is nothing that what a clone lacks could be fetched from; false: nobody can tell. */
async function hasNoRemote(location: Location, sources: Situation['sources']): Promise<boolean> {
  const source = await sources.of(location).catch(() => null);
  return (await source?.hasRemote?.(location).catch(() => true)) === false;
}

function waitSteps({ report, given }: Situation): readonly Step[] {
  if (report.pending !== true) return [];
  const told = report.warnings.find(({ code }) => code === 'PENDING');
  const text = `wait: ${told?.message ?? 'a deployment is on its way, within its grace'}`;
  return [
    {
      kind: 'wait',
      text,
      commands: [`keydrift audit ${nameOf(report)}${repeated(given, 'audit')}`],
    },
  ];
}

function fixSteps(situation: Situation): readonly Step[] {
  const { report, given, copy } = situation;
  const { cause = null } = report;
  if (isReviewedAtFault(report, copy.policy)) {
    const lacking = shortKeyOf(report);
    const key = lacking === null ? '' : `. ${shortKeySentence(lacking, String)}`;
    const text = `fix it in git first: the reviewed copy breaks its own contract, and publishing it would carry that on${key}`;
    // By a contract that is in no commit, only the working tree is judged.
    const isHere = report.warnings.some(({ code }) => code === 'CONTRACT_UNCOMMITTED');
    const ref = isHere || given.some(([name]) => name === 'ref') ? '' : ' --ref HEAD';
    const lint = `keydrift lint ${nameOf(report)}${repeated(given, 'lint')}${ref}`;
    return [{ kind: 'fix', text, briefs: ['to mend it in git'], commands: [lint] }];
  }
  if (report.state === 'unreviewed') return [reviewStep(situation)];
  // What is on the main line already is not merged again.
  if (aheadOf(situation) !== null) return [];
  if (cause?.kind === 'unmerged') return [mergeStep(situation, cause)];
  const { released } = situation;
  if (released === null || !isUnmerged(situation)) return [];
  return [mergeStep(situation, { commit: released.commit, branch: null })];
}

/** What is to be done with work that runs and is not merged: a look at what it does, then a merge. */
function mergeStep(
  { artifact, copy, report, sources, given }: Situation,
  { commit, branch }: Pick<Cause, 'commit' | 'branch'>,
): Step {
  const [where, what] =
    branch === null
      ? [`commit ${short(commit)}`, 'that commit']
      : [branchText(branch), `its commit ${short(commit)}`];
  const text = `review ${where} and merge it, if it is meant: the runtime copy is ${what}, which is not merged`;
  const isHere =
    copy.ref === null &&
    (sources.scheme(artifact.reviewed).inWorkingTree?.(artifact.reviewed) ?? null) !== null;
  if (commit === null || !isHere) return { kind: 'merge', text, commands: [] };
  const base = given.find(([name]) => name === 'ref')?.[1] ?? 'HEAD';
  // Its own contract is judged as well, wherever this one is from.
  const there = given
    .filter(([name]) => name !== 'config-sha256')
    .map(([name, value]): GivenOption => {
      const isConfig = name === 'config' && value !== null;
      return [name, isConfig ? value.replace(/^git:[^:]+:/, `git:${commit}:`) : value];
    });
  const lint = `keydrift lint ${shellQuote(report.name)}${repeated(there, 'lintAtCommit')}`;
  const command = `${lint} --ref ${commit} ${optionText('--base', base)}`;
  return { kind: 'merge', text: `${text}; what that does to the work:`, commands: [command] };
}

/** What brings an object under review: what the fault of its reviewed copy says, with its command. */
function reviewStep({ artifact, report, sources }: Situation): Step {
  const { unexplained } = artifact;
  const renamedTo = report.error?.place.renamedTo;
  if (unexplained === undefined && renamedTo !== undefined) {
    const text = `name the new path in the contract: ${renamedTo} (from the repository's root), which git sees in place of ${sources.scheme(artifact.reviewed).textOf(artifact.reviewed)}; or take the artifact and the object away`;
    return { kind: 'fix', text, commands: [] };
  }
  const hint = hintOf(unexplained ?? report.error ?? { hint: null });
  const { text: said, command = null } =
    typeof hint === 'string' ? { text: hint } : (hint ?? { text: '' });
  const place = sources.scheme(artifact.reviewed).textOf(artifact.reviewed);
  const advice = said.charAt(0).toLowerCase() + said.slice(1).replace(/\.$/, '');
  const lead = `put it under review: commit the file that the contract names (${place}), or take the artifact and the object away`;
  const text = unexplained === undefined ? `${lead}${advice === '' ? '' : `; ${advice}`}` : advice;
  return { kind: 'fix', text, commands: command === null ? [] : [command] };
}

/** Writes the reviewed copy: after a look at the plan. */
function publishSteps(situation: Situation): readonly Step[] {
  const { report, given, copy } = situation;
  const { reviewed, cause = null } = report;
  if (!isPublishable(situation) || reviewed === null) return [];
  if (isReviewedAtFault(report, copy.policy) || isOtherForm(situation)) return [];
  const isBack = cause?.kind === 'unmerged' || isUnmerged(situation) || aheadOf(situation) !== null;
  // What no commit of the ref has, a branch's too.
  const isUnreviewed = isBack || cause?.kind === 'edited' || cause?.kind === 'unknown';
  const isLast = isUnreviewed && !keepsVersions(situation);
  const flags = [isBack ? ' --allow-rollback' : '', isLast ? ' --overwrite-unreviewed' : ''];
  const warnings = [
    backWords(situation) || (isBack ? '; it goes back, or to another line of history' : ''),
    isLast
      ? '; the bucket keeps no versions: save a copy of the object first, if it is evidence'
      : '',
  ];
  const publish = `keydrift publish ${nameOf(report)}`;
  const rest = flags.join('') + repeated(given, 'publish');
  const text = `publish the reviewed copy (${commitsOf(reviewed) ?? 'commit unknown'}): look at the plan, then write it${warnings.join('')}`;
  return [
    {
      kind: 'publish',
      text,
      briefs: [
        'to see what would be published',
        `to publish it${backBrief(situation) || (isBack ? ', which goes back' : '')}`,
      ],
      commands: [`${publish} --dry-run${rest}`, `${publish}${rest}`],
    },
  ];
}

/** Puts the reviewed copy where `publish` does not write; what it writes to is told by `publishSteps`. */
function placeSteps(situation: Situation): readonly Step[] {
  const { report, copy, sources, given } = situation;
  const { location } = copy;
  const scheme = sources.scheme(location);
  if (report.reviewed === null || isReviewedAtFault(report, copy.policy)) return [];
  if ((scheme.version?.of(location) ?? null) !== null) {
    const text = `the contract names one version of it, which cannot be written anew: let "runtime" name another, or none`;
    return [{ kind: 'fix', text, commands: [] }];
  }
  const commits = commitsOf(report.reviewed);
  const what = `the reviewed copy${commits === null ? '' : ` (${commits})`}`;
  if (isOtherForm(situation)) {
    const text = `convert ${what} into the form that the contract reads this copy in (format, compression, columns, csv), where that is done: written as it stands, it would be read otherwise${backWords(situation)}`;
    return [{ kind: 'publish', text, commands: [] }];
  }
  if (scheme.mostBytes !== undefined) return [];
  const name = nameOf(report);
  const audit = `keydrift audit ${name}${repeated(given, 'audit')}`;
  const path = scheme.pathOf?.(location);
  if (path === undefined) {
    const text = `mend it where it is made, so that it holds ${what}: keydrift writes S3 objects only; then look again`;
    return [{ kind: 'publish', text, commands: [audit] }];
  }
  const job = `sh -c 'cat "$0" > "$1"' ${shellQuote(`{${report.name}}`)} ${shellQuote(path)}`;
  const write = `keydrift run ${name} --use reviewed${against(report, given)} -- ${job}`;
  const text = `write ${what} over the file (the run tells it as replaced), then look again${backWords(situation)}`;
  const briefs = ['to write the reviewed copy over the file'];
  return [{ kind: 'publish', text, briefs, commands: [write, audit] }];
}

/** The last version of the object that is what is reviewed now, in its very bytes where one is. */
function restoreSteps(situation: Situation): readonly Step[] {
  const { copy, report, runtime, sources, timeline = [] } = situation;
  const { location } = copy;
  const scheme = sources.scheme(location);
  const isWhole = (scheme.version?.of(location) ?? null) === null;
  if (report.reviewed === null || isReviewedAtFault(report, copy.policy) || !isWhole) return [];
  const versions = timeline.filter(
    (entry): entry is VersionEntry => entry.side === 'runtime' && isAsReviewed(entry, report),
  );
  const hasBytes = ({ sha256 }: VersionEntry): boolean =>
    sha256 !== null && sha256 === report.reviewed?.sha256;
  const good = versions.find(hasBytes) ?? versions[0];
  const id = good?.versionId ?? null;
  const isTable = runtime?.lake !== undefined;
  const restoring =
    runtime?.lake?.restoring ?? ((one: string) => scheme.restoring?.(location, one));
  const command = id === null || id === 'null' ? undefined : restoring(id);
  if (good === undefined || command === undefined) return [];
  const how = isTable ? '' : hasBytes(good) ? ', byte for byte' : ', in other bytes';
  const what = `the last one that is what is reviewed now${how}`;
  const text = `${isTable ? 'restore snapshot' : 'or restore version'} ${id} of ${timeText(good.at)}, ${what}${backWords(situation)}`;
  return [{ kind: 'restore', text, commands: [command] }];
}

function isAsReviewed(entry: VersionEntry, { reviewed }: ArtifactReport): boolean {
  if (entry.current || entry.evidence === null || entry.evidence === 'etag') return false;
  if (entry.sha256 !== null && entry.sha256 === reviewed?.sha256) return true;
  const isEqual = entry.relation === 'identical' || entry.relation === 'equivalent';
  const commit = reviewed?.changedIn?.commit ?? reviewed?.revision.facts.commit;
  return isEqual && entry.reviewedCommit === commit;
}

/** What lets a job run before anything is mended: every file that it reads has to pass. */
function runSteps(situation: Situation): readonly Step[] {
  const { report, runtime, copy, asked, given } = situation;
  // A table has no file that could be handed over instead, and a gate nobody to hand one to.
  if (runtime?.lake !== undefined || asked?.command === 'gate') return [];
  const together = asked?.together ?? [];
  if (together.some(({ outcome }) => outcome === 'no-verdict')) return [];
  const all = [{ report, policy: copy.policy }, ...together];
  const run = (use: string): string => runCommand(report, `--use ${use}`, situation);
  const steps: Step[] = [];
  if (asked?.spelling === true) {
    const text = `let the next run start with the same rows written anew as plain CSV, which its reader takes as they are meant${fileWords(situation)}`;
    const briefs = ['to run the same rows written anew instead'];
    steps.push({ kind: 'run', text, briefs, commands: [runCommand(report, '--as canonical', situation)] }); // prettier-ignore
  }
  if (isOnlyDuplicated(report) && together.every(runsDeduplicated)) {
    const redundant = report.runtime?.redundant ?? 0;
    const rows = redundant === 1 ? 'the 1 redundant row' : `the ${redundant} redundant rows`;
    const text = `let the next run start with each unit once, without ${rows}${fileWords(situation)}`;
    const briefs = ['to run each unit once instead'];
    // A form that no rows can be taken out of is written anew.
    const isSaid = (asked?.given ?? given).some(([name]) => name === 'as');
    const form = isSaid || (asked?.cuttable ?? isCuttable(situation)) ? '' : ' --as canonical';
    steps.push({ kind: 'run', text, briefs, commands: [run(`deduplicated${form}`)] });
  }
  if (
    all.every((one) => one.report.reviewed !== null && !isReviewedAtFault(one.report, one.policy))
  ) {
    const isOther = isOtherForm(situation);
    const form = isOther
      ? ', in the form that it has in git (format, compression, columns, csv)'
      : '';
    const text = `let the next run start with the reviewed copy${form}, whatever the runtime copy holds${backWords(situation)}${fileWords(situation)}`;
    const briefs = [
      `to run the reviewed copy instead${isOther ? ', in its own form' : ''}${backBrief(situation)}`,
    ];
    steps.push({ kind: 'run', text, briefs, commands: [run('reviewed')] });
  }
  return steps;
}

function runsDeduplicated({ outcome, report }: JudgedTogether): boolean {
  return isOnlyDuplicated(report) || (outcome === 'run' && report.counts.conflict === 0);
}

/** A run of an artifact with these flags; of a refused one itself, the same slices, forms and places. */
function runCommand(
  report: ArtifactReport,
  flags: string,
  { given, asked }: Pick<Situation, 'given' | 'asked'>,
): string {
  const names = asked === undefined ? [nameOf(report)] : asked.names.map(shellQuote);
  const rest = asked === undefined ? against(report, given) : repeated(asked.given, 'gate');
  const own = flags === '' ? [] : [flags];
  const words = [`keydrift ${asked?.command ?? 'run'}`, ...names, ...own].join(' ') + rest;
  if (asked?.command === 'gate') return words;
  // Of a refused run that is not repeated, its own words stand for it.
  const job = asked === undefined ? `COMMAND ${shellQuote(`{${report.name}}`)}` : 'COMMAND';
  return `${words} -- ${asked?.typed ?? job}`;
}

/** How a job gets the file that a run hands over, where nobody knows its command; empty: it is known. */
function fileWords({ report: { name }, asked }: Situation): string {
  if (asked !== undefined) return '';
  return `; {${name}} stands where the job (COMMAND) expects the file's path, unless it reads $KEYDRIFT_${environmentName(name)}_FILE`;
}

/** Overrides of one command line: of more copies nobody says that they are all right. */
const mostOverrides = 5;

/** This very revision, where it is right after all. */
function overrideSteps(situation: Situation): readonly Step[] {
  const { report, runtime, asked } = situation;
  const sha256 = report.runtime?.sha256 ?? null;
  if (runtime === null || (runtime.revision.word === null && sha256 === null)) return [];
  const cut = asked?.given.some(([name]) => name === 'scope' || name === 'as') === true;
  // Of rows that cannot be read none can be chosen or spelled anew, whoever takes the blame.
  if (report.state === 'unreadable' && cut) return [];
  const at = revisionWord(runtime.revision, sha256 ?? '');
  const command = overrideCommand(report, at, situation);
  const briefs = ['OVERRIDE, runs what was not reviewed'];
  const direct: Step = {
    kind: 'override',
    briefs,
    text: 'override the refusal, if the runtime copy is right after all: exactly this revision runs, logged as not enforced',
    commands: command === null ? [] : [command],
  };
  const name = variableOf(report);
  const variable: Step = {
    kind: 'override',
    text: `the same where the flags of the job sit in an image: in the shell that starts it, or by name in what the image is started with (docker run -e ${name}, the environment of its task)`,
    commands: [`export ${assignment(report, at)}`],
  };
  return command === null ? [{ ...variable, briefs }] : [direct, variable];
}

/** What lets exactly these revisions run; null: more copies than that are in the way. */
function overrideCommand(report: ArtifactReport, at: string, about: Situation): string | null {
  const { together = [] } = about.asked ?? {};
  const refused = together.filter(({ outcome }) => outcome === 'refused');
  const rest = together.some(({ outcome }) => outcome === 'no-verdict');
  if (rest || refused.length > mostOverrides) return null;
  if (refused.length < 2)
    return runCommand(report, `--override REASON ${optionText('--at', at)}`, about);
  if (refused.some(({ revision }) => revision === null)) return null;
  const variables = refused.map((one) => assignment(one.report, one.revision ?? ''));
  return `${variables.join(' ')} ${runCommand(report, '', about)}`;
}

function variableOf({ name }: ArtifactReport): string {
  return `KEYDRIFT_OVERRIDE_${environmentName(name)}`;
}

function assignment(report: ArtifactReport, at: string): string {
  return `${variableOf(report)}=${shellQuote(`${at} REASON`)}`;
}

/** The way to the reviewed copies, of a gate: a bundle where the report came out of one. */
function against({ reviewed }: ArtifactReport, given: readonly GivenOption[]): string {
  const place = reviewed?.revision.against;
  const isSaid = given.some(([name]) => name === 'against');
  const bundle = place === undefined || isSaid ? '' : ` ${optionText('--against', place)}`;
  return repeated(given, 'run') + bundle;
}

/** Whether a commit is at hand, and the runtime copy is something that can be written. */
function isPublishable({ copy, report, sources }: Situation): boolean {
  const { revision } = report.reviewed ?? {};
  const scheme = sources.scheme(copy.location);
  const isObject =
    scheme.mostBytes !== undefined && (scheme.version?.of(copy.location) ?? null) === null;
  return isObject && revision?.facts.commit !== undefined && revision.against === undefined;
}

/**
 * Whether the reviewed bytes would be read otherwise in the place of the runtime copy, as far as names
 * and the contract tell: what `publish` finds by reading them.
 */
function isOtherForm({ artifact, copy, sources }: Situation): boolean {
  if (copy.columns.size > 0) return true;
  const { formats } = reviewedRequest(artifact);
  const byName = artifact.silenced?.has('COMPRESSION_BY_CONTENT') ? () => null : compressionByName;
  const read = { formats, byName };
  const textOf = (location: Location): string => sources.scheme(location).textOf(location);
  const is = formOf(textOf(artifact.reviewed), artifact, read);
  const other = formOf(textOf(copy.location), copy, read);
  const isKnown = is.format !== null && other.format !== null;
  return (isKnown && is.format !== other.format) || is.said !== other.said;
}

/** Whether rows can be left out of the runtime copy as it is stored, as far as its name and the contract tell. */
function isCuttable({ artifact, copy, sources }: Situation): boolean {
  const { written = {} } = copy;
  const name = sources.scheme(copy.location).textOf(copy.location);
  const format =
    written.format ?? formatByName(reviewedRequest(artifact).formats, name)?.format.name;
  const isPlain = (written.compression ?? compressionByName(name) ?? 'none') === 'none';
  const isUtf8 = /^utf-?8$/i.test(written.encoding ?? 'utf-8');
  const isWhole = written.parts === undefined && written.records === undefined;
  return isPlain && isUtf8 && isWhole && ['csv', 'ndjson', undefined].includes(format);
}

/** What names tell of a form. */
interface FormNames {
  readonly formats: FormatRegistry;
  byName(this: void, name: string): string | null;
}

/** A copy's form with its defaults; a format of null: only the content tells it. */
function formOf(
  name: string,
  { csv, written = {} }: Pick<ArtifactContract, 'csv' | 'written'>,
  { formats, byName }: FormNames,
): { readonly format: string | null; readonly said: string } {
  const named = formatByName(formats, name);
  const { format = named?.format.name ?? null, compression, encoding = 'utf-8', ...rest } = written;
  const options = named?.format.name === format ? named?.options : {};
  const dialect = (format ?? 'csv') === 'csv' ? dialectOf({ ...options, ...csv }) : null;
  const packed = compression ?? byName(name) ?? 'none';
  return { format, said: JSON.stringify([packed, encoding.toLowerCase(), dialect, rest]) };
}

function keepsVersions({ runtime }: Situation): boolean {
  const id = runtime?.revision.facts.versionId ?? null;
  return runtime === null || (id !== null && id !== 'null');
}

/** Whether the reviewed copy fails by itself, whatever the runtime copy holds. */
function isReviewedAtFault({ findings, error, state }: ArtifactReport, policy: Policy): boolean {
  if (state === 'unreadable' && error?.place.side === 'reviewed') return true;
  return findings.some(
    ({ side, kind, severity }) =>
      side === 'reviewed' &&
      kind !== 'removed' &&
      // A run that does not use it warns of what it would fail for.
      (severity === 'fail' || (severity === 'warn' && policy[kind] === 'fail')),
  );
}

/** Whether nothing but repeated rows of the runtime copy keeps a job from running. */
function isOnlyDuplicated({ findings, counts, state, runtime }: ArtifactReport): boolean {
  if (counts.conflict > 0 || runtime === null || state === 'unreviewed') return false;
  const failing = findings.filter(
    ({ severity, side, kind }) =>
      severity === 'fail' && (side !== 'reviewed' || kind === 'removed'),
  );
  return failing.length > 0 && failing.every(({ kind }) => kind === 'duplicated');
}

/** The commit that last changed the reviewed copy, with the ref's beside it where that is another. */
function commitsOf({ revision, changedIn }: SideReport): string | null {
  const { commit } = revision.facts;
  if (commit === undefined) return null;
  if (changedIn === undefined || changedIn.commit === commit) return `commit ${short(commit)}`;
  return `last changed in commit ${short(changedIn.commit)}; the ref is at commit ${short(commit)}`;
}
