import type { ArtifactReport } from '../../model/index.ts';
import { briefSide } from '../revision.ts';
import { groupFindings } from '../select.ts';
import { displayName, hasDetails, verdictLabel } from '../summary.ts';
import { times } from '../wording.ts';
import { artifactFacts, verdictBadge } from './artifact.ts';
import { foreign, markup, type Markup } from './markup.ts';
import { staticTable } from './table.ts';

/** Where an artifact's part of the page starts. */
export function anchorOf(at: number): string {
  return `artifact-${at + 1}`;
}

/** Whether an artifact has more to say than its line of the overview. */
export function hasPart(artifact: ArtifactReport): boolean {
  return hasDetails(artifact, groupFindings(artifact.findings, 0, artifact.truncated));
}

/** A line for each artifact; those with a part of their own link to it. */
export function overview(artifacts: readonly ArtifactReport[]): Markup {
  const rows = artifacts.map((artifact, at) => {
    const name = foreign(displayName(artifact));
    return [
      verdictBadge(artifact.verdict, verdictLabel(artifact)),
      hasPart(artifact) ? markup`<a href="#${anchorOf(at)}">${name}</a>` : name,
      artifactFacts(artifact),
      times(artifact.amplification),
      artifact.reviewed === null ? null : foreign(briefSide(artifact.reviewed)),
      artifact.runtime === null ? null : foreign(briefSide(artifact.runtime)),
    ];
  });
  const columns = [
    { head: 'verdict', look: 'short' as const },
    { head: 'artifact', look: 'short' as const },
    { head: 'found', look: 'long' as const },
    { head: 'amplification', look: 'number' as const },
    { head: 'reviewed', look: 'short' as const },
    { head: 'runtime', look: 'short' as const },
  ];
  return markup`<section aria-labelledby="overview"><h2 id="overview">Overview</h2>
${staticTable('Overview of the artifacts', columns, rows)}</section>
`;
}
