import { nearestHint, quote, type AcceptEntry, type KeyColumn } from '../model/index.ts';
import type { AcceptDraft } from './draft.ts';
import type { ContractFile, Path } from './file.ts';
import { checkDay } from './words.ts';

/** The key that entries are read by, and the keys of copies that have their own. */
interface Keys {
  readonly key: readonly KeyColumn[];
  /** An entry of one of these is none of the key's; `all`: nor is any that does not fit the key. */
  readonly others: readonly (readonly KeyColumn[])[] | 'all';
}

/** The entries of `accept` for a key, without those of which a problem was reported. */
export function readAccept(
  file: ContractFile,
  drafts: readonly (AcceptDraft | undefined)[] | undefined,
  { key, others }: Keys,
  path: Path,
): readonly AcceptEntry[] {
  return (drafts ?? []).flatMap((draft, index) => {
    if (draft === undefined) return [];
    const at = [...path, index];
    const named = file.namesIn([...at, 'key']);
    if (!fits(named, key)) {
      if (others === 'all' || others.some((other) => fits(named, other))) return [];
    }
    const values = readKey(file, draft.key, key, [...at, 'key']);
    if (draft.until !== undefined) checkDay(file, draft.until, [...at, 'until']);
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

function fits(named: readonly string[], key: readonly KeyColumn[]): boolean {
  return named.length === key.length && key.every(({ column }) => named.includes(column));
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

function present<T>(values: readonly (T | undefined)[]): readonly T[] {
  return values.filter((value) => value !== undefined);
}
