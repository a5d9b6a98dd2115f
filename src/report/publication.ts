import type { Publication, PublishPlan } from '../model/index.ts';
import { plainChunks } from './json-encode.ts';
import { publicationMarkdown } from './publication-markdown.ts';
import { publicationText } from './publication-text.ts';

/** What `publish` tells: what it would do, or what it did. */
export type PublishDocument = PublishPlan | Publication;

/** How a person is told; JSON takes nothing of it. */
export interface PublicationOptions {
  readonly width: number;
  readonly color: boolean;
  /** Units shown of each copy. */
  readonly limit: number;
  /** The command that would be typed next; null: none, or the document is shown to be approved. */
  readonly next: string | null;
  /** `plan`: it is shown to be approved, and its exit code is not known yet. */
  readonly shown: 'plan' | 'result';
}

/** Tells a document of `publish` in chunks; the last one ends with a newline. */
export type PublicationReporter = (
  document: PublishDocument,
  options: PublicationOptions,
) => Iterable<string>;

/** Every form in which a plan or a publication is told. */
export const publicationReporters: {
  readonly text: PublicationReporter;
  readonly json: PublicationReporter;
  readonly markdown: PublicationReporter;
} = {
  text: publicationText,
  // Plain data in the shape of its schema: schema/keydrift.plan, schema/keydrift.publication.
  json: (document) => plainChunks(document),
  markdown: publicationMarkdown,
};
