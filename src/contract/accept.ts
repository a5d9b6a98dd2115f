import { nearestHint, type AcceptEntry, type KeyColumn } from '../model/index.ts';
import type { AcceptDraft } from './draft.ts';
import type { ContractFile } from './file.ts';
import type { Path } from './path.ts';
import { quote } from './wording.ts';

/** The entries of `accept`, without those of which a problem was reported. */
export function readAccept(
  file: ContractFile,
  drafts: readonly (AcceptDraft | undefined)[] | undefined,
  key: readonly KeyColumn[],
  path: Path,
): readonly AcceptEntry[] {
  return (drafts ?? []).flatMap((draft, index) => {
    if (draft === undefined) return [];
    const at = [...path, index];
    const values = readKey(file, draft.key, key, [...at, 'key']);
    checkDate(file, draft.until, [...at, 'until']);
    if (file.isReported(at)) return [];
    const { kinds = [], rows = 0, variant = [], until = '', reason = '' } = draft;
    const variants = new Set(present(typeof variant === 'string' ? [variant] : variant));
    return [
      {
        key: values,
        kinds: present(kinds),
        rows,
        variants: [...variants].sort(),
        until,
        reason,
        line: file.lineOf(at),
      },
    ];
  });
}

/** Values in contract order; reports columns that are missing, unknown, or cannot be empty. */
function readKey(
  file: ContractFile,
  draft: AcceptDraft['key'],
  key: readonly KeyColumn[],
  path: Path,
): readonly string[] {
  const known = key.map(({ column }) => column);
  if (draft === undefined || known.length === 0) return [];
  const named = file.namesIn(path);
  for (const column of named) {
    if (known.includes(column)) continue;
    const message = `${quote(column)} is no key column`;
    file.report([...path, column], message, nearestHint(column, known));
  }
  return key.map(({ column, optional }) => {
    if (!named.includes(column)) {
      const hint = optional ? `It is optional: ${quote(column)}: "" stands for none.` : null;
      file.report(path, `key column ${quote(column)} is missing`, hint);
    }
    const value = draft[column];
    if (value === '' && !optional) {
      const hint = 'A record without it is invalid, and that cannot be accepted.';
      file.report([...path, column], `key column ${quote(column)} cannot be empty`, hint);
    }
    return value ?? '';
  });
}

/** The pattern lets 2026-02-30 pass. */
function checkDate(file: ContractFile, until: string | undefined, path: Path): void {
  if (until === undefined) return;
  const date = new Date(`${until}T00:00:00Z`);
  const real = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(until);
  if (!real) file.report(path, `there is no day ${quote(until)}`);
}

function present<T>(values: readonly (T | undefined)[]): readonly T[] {
  return values.filter((value) => value !== undefined);
}
