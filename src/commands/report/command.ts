import { Command, Option } from 'commander';
import { toKeydriftError, type Report } from '../../model/index.ts';
import type { Call } from '../call.ts';
import { formatReaders } from '../formats.ts';
import { logOptions } from '../log.ts';
import {
  destinationsOf,
  formatOption,
  limitOption,
  outputOption,
  quietOption,
  type RawOptions,
} from '../options.ts';
import { emitReport, toldTo } from '../output.ts';
import { addHelp } from '../help.ts';
import type { NamedReport, UnreadReport } from './merge.ts';

/** `keydrift report merge|show FILE…`: saved reports, in every output, with their exit code. */
export function reportCommand(call: Call): Command {
  const command = new Command('report')
    .description('reports of shards as one; a saved one shown')
    .helpCommand(false);
  const merge = subcommand(
    call,
    'merge',
    'one report of several: of the shards of an audit',
    async (files) => {
      const { mergeReports } = await import('./merge.ts');
      const read = await readAll(call, files);
      return mergeReports(
        read.flatMap((one) => ('report' in one ? [one] : [])),
        read.flatMap((one) => ('fault' in one ? [one] : [])),
      );
    },
  );
  merge.argument('<file...>', 'JSON reports');
  addHelp(merge, `Example:\n  ${mergeExample}\n\n${codes}`);
  const show = subcommand(call, 'show', 'a saved report in another output', async ([file = '']) => {
    const { readSavedReport } = await import('../saved-report.ts');
    return readSavedReport(file, call.io.workingDirectory);
  });
  show.argument('<file>', 'a JSON report');
  addHelp(show, `Example:\n  ${showExample}\n\n${codes}`);
  addHelp(command, help);
  return command.addCommand(merge).addCommand(show);
}

function subcommand(
  call: Call,
  name: string,
  description: string,
  make: (files: readonly string[]) => Promise<Report>,
): Command {
  const command = new Command(name).description(description);
  const readers = formatReaders(call.registries.outputs, 'report');
  const options = [
    formatOption(readers),
    outputOption(readers),
    limitOption(
      'findings shown for each artifact (JSON has all that are listed); where it is not said, more than 30 artifacts are told on one screen',
    ),
    quietOption(),
    new Option('--no-color', 'plain text (env: KEYDRIFT_NO_COLOR, NO_COLOR)'),
    ...logOptions(),
  ];
  for (const option of options) command.addOption(option);
  return command.action(async (named: string | string[], raw: RawOptions) => {
    const to = await toldTo(call, 'report', destinationsOf(command, raw));
    const report = await make(typeof named === 'string' ? [named] : named);
    call.answer(await emitReport(call, report, raw, to));
  });
}

/** What each file holds; one that no report can be read of is told once, however often it is named. */
async function readAll(
  { io }: Call,
  files: readonly string[],
): Promise<readonly (NamedReport | UnreadReport)[]> {
  const { readSavedReport } = await import('../saved-report.ts');
  const read = async (
    file: string,
    at: number,
  ): Promise<readonly (NamedReport | UnreadReport)[]> => {
    try {
      return [{ file, report: await readSavedReport(file, io.workingDirectory) }];
    } catch (thrown) {
      const fault = toKeydriftError(thrown);
      if (fault.code !== 'REPORT_UNREADABLE') throw fault;
      return files.indexOf(file) === at ? [{ file, fault }] : [];
    }
  };
  return (await Promise.all(files.map(read))).flat();
}

const mergeExample = 'keydrift report merge shard-1.json shard-2.json -o html:fleet.html';
const showExample = 'keydrift report show drift.json --format markdown';
const codes = 'Exit codes: those of the audit that the report is of.';
const help = `Examples:\n  ${mergeExample}\n  ${showExample}\n\n${codes}`;
