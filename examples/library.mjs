// Judges the fleet of a contract and says what needs somebody: node examples/library.mjs [DIRECTORY]
import { audit, KeydriftError, loadContract, render } from 'keydrift';
import { writeFile } from 'node:fs/promises';

const workingDirectory = process.argv[2] ?? process.cwd();
try {
  const { contract } = await loadContract({ workingDirectory });
  console.log(`${contract.artifacts.length} artifacts`);

  const report = await audit({ workingDirectory, cause: 'find', timeout: 60 });
  for (const { name, verdict, counts, error } of report.artifacts) {
    if (verdict !== 'in-sync') console.log(name, verdict, error?.code ?? JSON.stringify(counts));
  }
  await writeFile('drift.html', await render(report, 'html'));
  process.exitCode = report.exitCode;
} catch (error) {
  if (!(error instanceof KeydriftError)) throw error;
  console.error(`${error.code}: ${error.message}`);
  process.exitCode = 2;
}
