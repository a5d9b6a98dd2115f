import type { Finding } from '../../../model/index.ts';
import { keyText } from '../finding-facts.ts';
import type { IslandArtifact } from '../island.ts';
import { unpack } from '../packed.ts';

/** A finding with what the page asks of it often. */
export interface FindingItem {
  readonly finding: Finding;
  /** Its place in the report's order. */
  readonly at: number;
  /** What a search looks into, in lower case: its key as it stands and as it is shown. */
  readonly haystack: string;
  /** Equal for findings of one key, null without a key. */
  readonly keyId: string | null;
  /** Whether it is of the slice whose story the page tells. */
  readonly isInSlice: boolean;
}

/** The findings of an artifact, in the report's order. */
export function itemsOf({ findings, shapes, inSlice }: IslandArtifact): readonly FindingItem[] {
  const slice = new Set(inSlice);
  return findings.map((packed, at) => {
    const finding = unpack(packed, shapes);
    const values = finding.key?.map(([, value]) => value) ?? null;
    const texts = [values?.join(' ') ?? '', finding.key === null ? '' : keyText(finding.key)];
    return {
      finding,
      at,
      haystack: texts.join('\n').toLowerCase(),
      keyId: values === null ? null : JSON.stringify(values),
      isInSlice: slice.has(at),
    };
  });
}
