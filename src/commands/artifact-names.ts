import { version } from '../io/io.ts';
import { loadContract } from '../judge/contract.ts';
import { listIn } from '../judge/families.ts';
import { openSources } from '../judge/sources.ts';
import { closeSoon } from '../judge/time.ts';
import { copyName, KeydriftError } from '../model/index.ts';
import type { Call } from './call.ts';
import { toContractChoice } from './contract-options.ts';
import { ownWords, valueOf } from './log.ts';
import { toJudgeOptions } from './options.ts';

/**
 * What commands take as artifacts, as the contract here has it: artifacts, and copies that have names;
 * of a glob whose files lie elsewhere its entry, for nobody waits for a network while typing. None
 * where there is no contract that can be read: who completes, or mends a command line, has nobody to tell.
 */
export async function artifactNames({ io, registries }: Call): Promise<readonly string[]> {
  const { workingDirectory, environment, userId } = io;
  const context = {
    version,
    registries,
    workingDirectory,
    environment,
    now: io.now,
    ...(userId === undefined ? {} : { userId }),
    progress: () => undefined,
  };
  // Looked for in the words: a command line that is wrong has no options.
  const config = valueOf('--config', ownWords(io)) ?? environment['KEYDRIFT_CONFIG'];
  const options = {
    ...toJudgeOptions({ limit: 0, fail: true, signRequest: true }, environment),
    ...toContractChoice(config === undefined ? {} : { config }, io),
  };
  const sources = openSources(context, { ...options, fetch: 'never' });
  try {
    const list = listIn(sources, 'committed', 'never');
    const { contract } = await loadContract(context, options, sources, list);
    const names = contract.artifacts.flatMap(({ name, copies }) => [
      name,
      ...copies.flatMap((copy) => (copy.name === null ? [] : [copyName(name, copy.name)])),
    ]);
    // A shell expands what it completes with.
    return names.filter((name) => /^[\w.@-]+$/.test(name));
  } catch (thrown) {
    if (thrown instanceof KeydriftError) return [];
    throw thrown;
  } finally {
    await closeSoon(sources);
  }
}
