import { plainChunks } from '../json-encode.ts';
import type { BundleReporter, PublicationReporter } from '../reporter.ts';

/** For programs: documents in the shapes of their schemas. */
export { gateEventLine as gate } from '../gate-json.ts';
export { investigationJson as investigation } from '../investigation/json.ts';
export { json as report } from '../json.ts';

/** Plain data in the shape of its schema: schema/keydrift.plan, schema/keydrift.publication. */
export const publication: PublicationReporter = (document) => plainChunks(document);

/** The manifest as it was written. */
export const bundle: BundleReporter = ({ text }) => text;
