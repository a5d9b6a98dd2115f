import { Command } from 'commander';
import { runWithProgress, type Call } from '../call.ts';
import { addContractOptions, toContractChoice, type ContractFlags } from '../contract-options.ts';
import { accessOptions, refOption, toJudgeOptions, type RawOptions } from '../options.ts';
import { addHelp } from '../help.ts';

/** `keydrift sql ARTIFACT`. */
export function sqlCommand(call: Call): Command {
  const command = new Command('sql')
    .description('print the queries that the engine of an artifact would be asked')
    .argument('<artifact>', 'the artifact, or one of its copies as routes@eu');
  addContractOptions(command);
  command.addOption(refOption('git ref of the reviewed copy; default: HEAD'));
  for (const option of accessOptions()) command.addOption(option);
  addHelp(
    command,
    '\nExample:\n  keydrift sql routes > routes.sql\n\nExit codes: 0 printed, 2 they cannot be told.',
  );
  return command.action(async (artifact: string, raw: RawOptions & ContractFlags) => {
    const { environment } = call.io;
    const options = {
      ...toJudgeOptions({ ...raw, fail: true }, environment),
      ...toContractChoice(raw, call.io),
      artifact,
    };
    const { sql } = await import('./sql.ts');
    const text = await runWithProgress(call, (context) => sql(context, options));
    await call.io.stdout.write(text);
    call.answer(0);
  });
}
