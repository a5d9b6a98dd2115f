import type { Cause, EditCounts } from '../model/index.ts';
import { objectText, orNull, scalar } from './json-text.ts';

/** The cause of SPEC §5: why a runtime copy differs, as history tells it. */
export function causeText(cause: Cause): string {
  return objectText([
    ['kind', scalar(cause.kind)],
    ['commit', scalar(cause.commit)],
    ['subject', scalar(cause.subject)],
    ['author', scalar(cause.author)],
    ['committedAt', scalar(cause.committedAt)],
    ['behind', scalar(cause.behind)],
    ['replacedAt', scalar(cause.replacedAt)],
    ['branch', scalar(cause.branch)],
    ['edits', orNull(cause.edits, editsText)],
    ['reason', scalar(cause.reason)],
  ]);
}

function editsText({ added, removed, duplicated, conflict, invalid, total }: EditCounts): string {
  return objectText([
    ['added', scalar(added)],
    ['removed', scalar(removed)],
    ['duplicated', scalar(duplicated)],
    ['conflict', scalar(conflict)],
    ['invalid', scalar(invalid)],
    ['total', scalar(total)],
  ]);
}
