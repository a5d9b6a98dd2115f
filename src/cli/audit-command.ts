import { Command } from 'commander';
import {
  addConfigOption,
  againstOption,
  checkAgainst,
  addJudgeOptions,
  refOption,
  toJudgeOptions,
  type RawOptions,
} from './options.ts';
import { runJudgement } from './run-judgement.ts';

interface AuditFlags extends RawOptions {
  readonly config?: string;
  readonly against?: string;
}

/** `keydrift audit [ARTIFACT…]`. */
export function auditCommand(): Command {
  const command = new Command('audit')
    .description('compare every runtime copy of the contract with its reviewed copy')
    .argument('[artifact...]', 'artifacts, or copies as participants@eu; default: all');
  addConfigOption(command);
  command.addOption(refOption('git ref of the reviewed copies; default: HEAD'));
  command.addOption(againstOption());
  addJudgeOptions(command);
  return command.action(async (names: string[], raw: AuditFlags) => {
    checkAgainst(command, raw.against);
    const { audit } = await import('../app/audit.ts');
    const { config = null, against = null } = raw;
    const options = { ...toJudgeOptions(raw), config, against, names };
    await runJudgement(raw, (context) => audit(context, options));
  });
}
