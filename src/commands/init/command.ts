import { Command, Option } from 'commander';
import { dirname, relative, resolve } from 'node:path';
import { openSources } from '../../judge/sources.ts';
import { closeSoon } from '../../judge/time.ts';
import { committing } from '../../sources/index.ts';
import type { AppContext } from '../../judge/context.ts';
import { exitCodes } from '../../judge/exit-code.ts';
import { KeydriftError, type S3Access } from '../../model/index.ts';
import { writeOutput } from '../../io/output-file.ts';
import { runWithProgress, type Call } from '../call.ts';
import { givenFlags } from '../given.ts';
import { tellNote } from '../log.ts';
import { accessOptions, toJudgeOptions } from '../options.ts';
import { writeTo } from '../output.ts';
import { spoolStdin } from '../stdin.ts';
import { orVariable } from '../variables.ts';
import { addHelp } from '../help.ts';
import type { ContractPlace, Repository } from './places.ts';
import type { Proposal } from './proposal.ts';

interface InitFlags {
  readonly config?: string;
  readonly write?: boolean;
  readonly in?: string;
  readonly name?: string;
  readonly from?: string;
  readonly endpointUrl?: string;
  readonly region?: string;
  readonly profile?: string;
  readonly signRequest: boolean;
}

/** `keydrift init [FILE]`: a contract proposed from a file, or from one that exists. */
export function initCommand(call: Call): Command {
  const command = new Command('init')
    .description('propose a contract from a real file, or from one that exists')
    .argument('[file]', 'a path, s3://bucket/key, git:REF:PATH, or - for stdin; none: list tables');
  const options = [
    new Option('--write', 'add it to keydrift.yaml; what stands there stays as it is'),
    new Option('--in <place>', 'where runtime copies are: s3://bucket or s3://bucket/prefix/'),
    new Option('--name <name>', "the artifact's name; default: the file's"),
    new Option(
      '--from <file>',
      'a Frictionless Table Schema, an ODCS file, or dbt seed properties',
    ).conflicts('name'),
    orVariable(
      new Option('--config <file>', 'the contract to add to; default: keydrift.yaml here or above'),
    ),
    ...accessOptions(),
    orVariable(new Option('--no-sign-request', 'read public buckets without credentials')),
  ];
  for (const option of options) command.addOption(option);
  addHelp(command, help);
  return command.action(async (file: string | undefined, flags: InitFlags) => {
    checkFlags(file, flags);
    const raw = { ...flags, limit: 0, fail: true };
    const { access, cacheDirectory } = toJudgeOptions(raw, call.io.environment);
    const stop = call.holdSignals();
    const asked = { file, flags, access, cacheDirectory, given: givenOf(command) };
    const answer = await runWithProgress(call, (context) => run(call, context, asked), stop);
    await answer();
    call.answer(exitCodes.inSync);
  });
}

const help = `Nothing is judged, and nothing is read but the file, the repository around it, and names of --in.
The proposal is commented YAML; what it is unsure of is said there, and on stderr.

Exit codes: 0 proposed, 2 usage, configuration, access.

Examples:
  keydrift init support/participants.csv --in s3://prod-runtime/
  keydrift init s3://prod-runtime/support/participants.csv --write
  zcat participants.csv.gz | keydrift init -
  keydrift init --from schema.json
  keydrift init --in s3://prod-runtime/`;

function checkFlags(file: string | undefined, { from, write, name }: InitFlags): void {
  if (from !== undefined && file !== undefined) {
    throw new KeydriftError('USAGE', '--from names what is read, and a file is named as well');
  }
  if (file === undefined && from === undefined && (write === true || name !== undefined)) {
    throw new KeydriftError('USAGE', 'nothing is proposed without a file', {
      hint: { text: 'See what there is', command: 'keydrift init' },
    });
  }
}

/** Options that the next call repeats. */
function givenOf(command: Command): string {
  return givenFlags(command, ['config', 'endpointUrl', 'region', 'profile']);
}

interface Asked {
  readonly file: string | undefined;
  readonly flags: InitFlags;
  readonly access: S3Access;
  readonly cacheDirectory: string;
  readonly given: string;
}

/** What is told once nothing goes on any more. */
type Answer = () => Promise<void>;

/** What comes on stdin has so long. */
const stdinSeconds = 600;

async function run(call: Call, context: AppContext, asked: Asked): Promise<Answer> {
  const { file, flags, access, cacheDirectory, given } = asked;
  const { contractPlace, openRepository } = await import('./places.ts');
  const sources = openSources(context, { ref: 'HEAD', cacheDirectory });
  const spooled = file === '-' ? await spoolStdin(call, {}, stdinSeconds) : null;
  try {
    const contract = await contractPlace(context, flags.config ?? null, sources);
    const isFolder = file !== undefined && /^s3:\/\/(?:[^/]+|.*\/)$/.test(file);
    const inside = isFolder ? file : (flags.in ?? null);
    const repository = await openRepository(context, sources);
    const shared = { context, sources, inside, access, contract, repository };
    const told = { asked, contract, repository };
    if (flags.from !== undefined) {
      const { proposeFromContract } = await import('./from/index.ts');
      const all = await proposeFromContract({ ...shared, file: flags.from });
      return () => propose(call, all, told);
    }
    if (file === undefined || isFolder) {
      const { candidateLines, findCandidates } = await import('./candidates.ts');
      const lines = candidateLines(await findCandidates(shared), { inside, given });
      return () => writeTo(call.io.stdout, [`${lines.join('\n')}\n`]);
    }
    const { proposeFor } = await import('./init.ts');
    const stdin = spooled?.location ?? null;
    const one = await proposeFor({ ...shared, file, stdin, name: flags.name ?? null });
    return () => propose(call, [one], told);
  } finally {
    spooled?.remove();
    await closeSoon(sources);
  }
}

/** What a proposal is added to, and by which call. */
interface Told {
  readonly asked: Asked;
  readonly contract: ContractPlace;
  readonly repository: Repository | null;
}

/** Gives the proposals: on stdout, or written into the contract; and what comes next. */
async function propose(
  { io }: Call,
  proposals: readonly Proposal[],
  { asked, contract, repository }: Told,
): Promise<void> {
  const { flags, given } = asked;
  const { contractText, unsureOf } = await import('./proposal.ts');
  const shown = relative(io.workingDirectory, contract.path);
  const isNew = contract.text === null;
  const { addedTo, proposedFile } = await import('./write.ts');
  const again = flags.name === undefined ? 'refused' : 'meant';
  if (flags.write === true) {
    await writeOutput(io, contract.path, [addedTo(contract, proposals, shown, again)]);
  }
  await writeTo(io.stdout, [contractText(proposals)]);
  for (const text of unsureOf(proposals)) tellNote(io, `unsure: ${text}`);
  const names = proposals.map(({ name }) => name).join(' ');
  if (flags.write !== true) {
    tellNote(io, `not written; --write ${isNew ? `creates ${shown} with it` : `adds it to ${shown}`}`); // prettier-ignore
    return;
  }
  tellNote(io, isNew ? `created ${shown} with ${names}` : `added ${names} to ${shown}`);
  const reviewed = proposals.flatMap(({ words }) => proposedFile(words) ?? []);
  const paths = [...new Set(reviewed)].map((path) => resolve(dirname(contract.path), path));
  const root = repository?.root ?? io.workingDirectory;
  const commit = committing([contract.path, ...paths], root, io.workingDirectory);
  const start = repository === null ? 'git init && ' : '';
  tellNote(io, 'next: read it, correct it, and see whether it holds', `${start}keydrift lint ${names}${given}`); // prettier-ignore
  tellNote(io, 'then commit it and the reviewed file: all commands but lint go by commits', commit); // prettier-ignore
}
