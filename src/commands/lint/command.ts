import { Command, Option } from 'commander';
import { runHeld, type Call } from '../call.ts';
import {
  addJudgeOptions,
  destinationsOf,
  refOption,
  timeoutOption,
  toJudgeOptions,
  type RawOptions,
} from '../options.ts';
import {
  addContractOptions,
  selectOption,
  toContractChoice,
  type ContractFlags,
} from '../contract-options.ts';
import { KeydriftError } from '../../model/index.ts';
import { formatReaders } from '../formats.ts';
import { emitReport, toldTo } from '../output.ts';
import { orVariable } from '../variables.ts';
import { addHelp } from '../help.ts';

/** `keydrift lint [ARTIFACT…] [--base REF]`. */
export function lintCommand(call: Call): Command {
  const command = new Command('lint')
    .description('judge reviewed copies by their contract, and what a change does to the work')
    .argument('[artifact...]', 'artifacts; default: all');
  addContractOptions(command);
  command.addOption(selectOption());
  command.addOption(
    refOption('judge this git ref by its own contract; default: the working tree as it stands'),
  );
  command.addOption(
    orVariable(new Option('--base <ref>', 'tell what changed since this ref (its merge base)')),
  );
  command.addOption(timeoutOption('all of it', '10m'));
  command.addOption(
    new Option('--forbid-weaker', 'fail where the contract enforces less than at the base'),
  );
  command.addOption(
    new Option(
      '--fetch',
      'read what lies elsewhere too; default: it is skipped, nothing is asked of the network',
    ),
  );
  addJudgeOptions(command, formatReaders(call.registries.outputs, 'report'));
  addHelp(command, help);
  return command.action(
    async (
      names: string[],
      raw: RawOptions & ContractFlags & { base?: string; forbidWeaker?: true; fetch?: true },
    ) => {
      const to = await toldTo(call, 'report', destinationsOf(command, raw));
      if (raw.forbidWeaker === true && raw.base === undefined) {
        throw new KeydriftError('USAGE', '--forbid-weaker compares with a base', {
          hint: 'Name it: --base origin/main',
        });
      }
      const { lint } = await import('./lint.ts');
      const options = {
        ...toJudgeOptions(raw, call.io.environment),
        ref: raw.ref ?? null,
        base: raw.base ?? null,
        weaker: raw.forbidWeaker === true ? 'forbidden' : 'told',
        fetch: raw.fetch === true ? 'allowed' : 'never',
        ...toContractChoice(raw, call.io),
        names,
      } as const;
      const report = await runHeld(call, (context) => lint(context, options));
      call.answer(await emitReport(call, report, raw, to));
    },
  );
}

const help = `
Examples:
  keydrift lint
  keydrift lint --base origin/main --format markdown
  keydrift lint --base origin/main --forbid-weaker

Exit codes: 0 it holds, 1 it does not (or with --forbid-weaker enforcement is
weaker), 2 no verdict, 3 both.`;
