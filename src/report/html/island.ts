import {
  copyName,
  type ArtifactReport,
  type Finding,
  type SliceStory,
  type TimelineEntry,
} from '../../model/index.ts';
import { shellQuote } from '../../model/quoting.ts';
import type { FleetFacts } from './fleet-facts.ts';
import { packer, type PackedFinding, type Shapes } from './packed.ts';

/** The element that holds the page's data. */
export const islandId = 'keydrift-data';

/** What the page's script reads. */
export interface Island {
  readonly artifacts: readonly IslandArtifact[];
  /** Newest first; empty where no history was asked for. */
  readonly timeline: readonly TimelineEntry[];
}

/** Findings of one artifact, in the report's order. */
export interface IslandArtifact {
  /** As a command takes it; null: no command investigates it. */
  readonly argument: string | null;
  readonly shapes: Shapes;
  /** Findings of the report, those of severity `ignore` left out. */
  readonly total: number;
  readonly findings: readonly PackedFinding[];
  /** Which of the findings are of the slice whose story the page tells. */
  readonly inSlice: readonly number[];
  /** What the table of a fleet tells of it; null: the page tells of one artifact. */
  readonly told: FleetFacts | null;
}

/** The findings of an artifact that a page embeds, as JSON texts. */
export interface Embedded {
  readonly total: number;
  /** Those whose JSON text is embedded; in the report's order. */
  readonly findings: readonly Finding[];
  readonly texts: readonly string[];
  readonly shapes: Shapes;
}

/** What a page holds at most: a browser must open it fast. */
export const pageLimits: { readonly findings: number; readonly characters: number } = {
  findings: 20_000,
  characters: 24_000_000,
};

/** The same of a page that tells of very many artifacts. */
export const fleetLimits: typeof pageLimits = { findings: 200, characters: 6_000_000 };

/**
 * Packs the first findings of each artifact: at most `pageLimits.findings` of one, and at most
 * `pageLimits.characters` of the page, of which every artifact has a fair share.
 */
export function embed(
  artifacts: readonly ArtifactReport[],
  limits: typeof pageLimits = pageLimits,
): readonly Embedded[] {
  let left = limits.characters;
  return artifacts.map(({ findings }, at) => {
    let room = Math.floor(left / (artifacts.length - at));
    const { shapes, pack } = packer();
    const told = findings.filter(({ severity }) => severity !== 'ignore');
    const texts: string[] = [];
    for (const finding of told) {
      const text = jsonText(pack(finding));
      if (texts.length >= limits.findings || text.length > room) break;
      texts.push(text);
      room -= text.length;
      left -= text.length;
    }
    return { total: told.length, findings: told.slice(0, texts.length), texts, shapes };
  });
}

/** The island as an element, in chunks. */
export function* islandChunks(
  artifacts: readonly { readonly artifact: ArtifactReport; readonly embedded: Embedded }[],
  history: { readonly timeline: readonly TimelineEntry[]; readonly slice: SliceStory | null },
  investigated: 'by-name' | 'never',
  factsOf: (artifact: ArtifactReport, at: number) => FleetFacts | null = () => null,
): Iterable<string> {
  yield `<script type="application/json" id="${islandId}">{"artifacts":[`;
  for (const [at, { artifact, embedded }] of artifacts.entries()) {
    const { total, findings, texts, shapes } = embedded;
    yield `${at === 0 ? '' : ','}\n{"argument":${jsonText(investigated === 'never' ? null : argumentOf(artifact))},`;
    yield `"told":${jsonText(factsOf(artifact, at))},"total":${total},"inSlice":${jsonText(slicePlaces(findings, history.slice))},"findings":[`;
    for (const [index, text] of texts.entries()) yield (index === 0 ? '\n' : ',\n') + text;
    yield `],"shapes":${jsonText(shapes)}}`;
  }
  yield '],\n"timeline":[';
  for (const [at, entry] of history.timeline.entries()) {
    yield (at === 0 ? '\n' : ',\n') + jsonText(entry);
  }
  yield ']}</script>\n';
}

/**
 * JSON as the text of a script element: no markup, and nothing that a terminal or an editor would
 * obey, for a reader who opens the file.
 */
export function jsonText(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u007f-\u009f\u2028\u2029\p{Cf}\p{Default_Ignorable_Code_Point}]/gu,
    (character) =>
      Array.from(
        { length: character.length },
        (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
      ).join(''),
  );
}

function argumentOf({ name, copy }: ArtifactReport): string {
  return shellQuote(copyName(name, copy));
}

/** Findings whose key the slice's scope selects. */
function slicePlaces(findings: readonly Finding[], slice: SliceStory | null): readonly number[] {
  if (slice === null) return [];
  return [...findings.entries()]
    .filter(([, { key }]) =>
      slice.scope.every(([column, values]) =>
        (key ?? []).some(
          ([name, value]) => name === column && value !== null && values.includes(value),
        ),
      ),
    )
    .map(([at]) => at);
}
