import type { Publication, PublishPlan } from '../model/index.ts';
import { publicationText } from './publication-text.ts';

/** What `publish` tells: what it would do, or what it did. */
export type PublishDocument = PublishPlan | Publication;

/** How a person is told; JSON takes nothing of it. */
export interface PublicationOptions {
  readonly width: number;
  readonly color: boolean;
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
} = {
  text: publicationText,
  // Plain data in the shape of its schema: schema/keydrift.plan, schema/keydrift.publication.
  json: (document) => [`${JSON.stringify(document, null, 2)}\n`],
};
