import { Command } from 'commander';
import {
  addConfigOption,
  addJudgeOptions,
  refOption,
  toJudgeOptions,
  type RawOptions,
} from './options.ts';
import { runJudgement } from './run-judgement.ts';

/** `keydrift audit [ARTIFACT…]`. */
export function auditCommand(): Command {
  const command = new Command('audit')
    .description('compare every runtime copy of the contract with its reviewed copy')
    .argument('[artifact...]', 'artifacts, or copies as participants@eu; default: all');
  addConfigOption(command);
  command.addOption(refOption('git ref of the reviewed copies; default: HEAD'));
  addJudgeOptions(command);
  return command.action(async (names: string[], raw: RawOptions & { config?: string }) => {
    const { audit } = await import('../app/audit.ts');
    const options = { ...toJudgeOptions(raw), config: raw.config ?? null, names };
    await runJudgement(raw, (context) => audit(context, options));
  });
}
