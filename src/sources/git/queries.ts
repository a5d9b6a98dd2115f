import type { GitPlace } from './process.ts';

/**
 * What simple-git guards against, and git itself takes from the same user's environment: editors,
 * credential helpers, configuration. Its guard is for environments that come from strangers.
 */
const ambient = {
  allowUnsafeAskPass: true,
  allowUnsafeConfigEnvCount: true,
  allowUnsafeConfigPaths: true,
  allowUnsafeDiffExternal: true,
  allowUnsafeEditor: true,
  allowUnsafeExec: true,
  allowUnsafeGitProxy: true,
  allowUnsafePager: true,
  allowUnsafeSshCommand: true,
  allowUnsafeTemplateDir: true,
} as const;

/**
 * The text of a question about refs or history, by simple-git, in the environment of every other
 * call; null when git fails. Options must be closed by `--` or `--end-of-options`.
 */
export async function askGit(place: GitPlace, question: readonly string[]): Promise<string | null> {
  const { simpleGit } = await import('simple-git');
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(place.environment)) {
    if (value !== undefined) environment[name] = value;
  }
  try {
    const git = simpleGit({
      baseDir: place.directory,
      allowEnvironment: Object.keys(environment),
      unsafe: ambient,
    });
    return await git.env(environment).raw([...question]);
  } catch {
    return null;
  }
}
