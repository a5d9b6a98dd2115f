import { Command, Option } from 'commander';
import {
  addConfigOption,
  addJudgeOptions,
  refOption,
  toJudgeOptions,
  type RawOptions,
} from '../options.ts';
import { runJudgement } from '../run-judgement.ts';

/** `keydrift lint [ARTIFACT…] [--base REF]`. */
export function lintCommand(): Command {
  const command = new Command('lint')
    .description('judge reviewed copies by their contract, and what a change does to the work')
    .argument('[artifact...]', 'artifacts; default: all');
  addConfigOption(command);
  command.addOption(refOption('judge this git ref; default: the working tree as it stands'));
  command.addOption(
    new Option('--base <ref>', 'tell what changed since this ref (its merge base)').env(
      'KEYDRIFT_BASE',
    ),
  );
  addJudgeOptions(command);
  return command.action(
    async (names: string[], raw: RawOptions & { config?: string; base?: string }) => {
      const { lint } = await import('./lint.ts');
      const options = {
        ...toJudgeOptions(raw),
        ref: raw.ref ?? null,
        base: raw.base ?? null,
        config: raw.config ?? null,
        names,
      };
      await runJudgement(raw, (context) => lint(context, options));
    },
  );
}
