import { environmentName } from '../../contract/names.ts';
import type { HandOver } from '../../model/index.ts';

/** An artifact that a command gets. */
export interface HandedArtifact {
  readonly name: string;
  readonly revision: string;
  readonly handOver: HandOver;
}

/**
 * The words of a command with every `{ARTIFACT}` of a handed artifact replaced by its file, also
 * inside a word; other braces stay as they are. What is put in is not looked at again.
 */
export function fillPlaceholders(
  words: readonly string[],
  artifacts: readonly HandedArtifact[],
): string[] {
  const paths = new Map(artifacts.map(({ name, handOver }) => [name, handOver.path]));
  return words.map((word) =>
    word.replaceAll(/\{([^{}]*)\}/g, (text, name: string) => paths.get(name) ?? text),
  );
}

/** The variables that a command gets beside its own. */
export function commandEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  artifacts: readonly HandedArtifact[],
): Record<string, string | undefined> {
  const filled = { ...environment };
  for (const { name, revision, handOver } of artifacts) {
    const variable = `KEYDRIFT_${environmentName(name)}`;
    filled[`${variable}_FILE`] = handOver.path;
    filled[`${variable}_REVISION`] = revision;
    // One that an outer run left there names other bytes.
    delete filled[`${variable}_URL`];
    if (handOver.url !== null) filled[`${variable}_URL`] = handOver.url;
  }
  return filled;
}
