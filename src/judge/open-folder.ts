import { inPart, tableOfParts, type TablePart } from '../formats/index.ts';
import {
  count,
  sumLine,
  type CopyPart,
  type FormatWarning,
  type PinnedCopy,
  type PinnedFolder,
  type Table,
} from '../model/index.ts';
import { mapConcurrently } from './concurrency.ts';
import { createFingerprint } from './fingerprint.ts';
import type { HowToOpen, OpenedCopy, TableRequest } from './request.ts';

/** Parts of which the columns are read at once. */
const mostAtOnce = 4;

type OpenFile = (copy: PinnedCopy, request: TableRequest, how: HowToOpen) => Promise<OpenedCopy>;

/**
 * Opens a folder as one table: the columns of all parts, then each part from its start when it is
 * its turn. Once all of them were read the folder must hold what was pinned, else `COPY_CHANGED`.
 */
export async function openFolder(
  copy: PinnedCopy,
  { parts, others, requireStill }: PinnedFolder,
  request: TableRequest,
  openFile: OpenFile,
): Promise<OpenedCopy> {
  const opened = await mapConcurrently(parts, mostAtOnce, async (part) => {
    try {
      const file = await openFile(part.copy, request, 'by range');
      // Until its turn comes it holds nothing open.
      await file.close();
      return { part, file };
    } catch (error) {
      throw inPart(part.name, error);
    }
  });
  const table = tableOfParts(
    opened.map(({ part, file }): TablePart => ({
      name: part.name,
      partition: partitionOf(part.name),
      table: file.table,
      close: file.close,
      verified: file.verified,
    })),
  );
  return {
    table: lookedAtAgain(table, requireStill),
    sha256() {
      const fingerprint = createFingerprint();
      for (const { part, file } of opened) {
        fingerprint.update(Buffer.from(sumLine({ name: part.name, sha256: file.sha256() })));
      }
      return fingerprint.hex();
    },
    warnings: () => [...othersWarning(copy, others), ...partWarnings(opened)],
    close: () => Promise.resolve(),
    verified: (fault) => Promise.resolve(fault),
  };
}

/** The columns that a part's folders are named by, `date=2026-01-31/`, as Hive writes them. */
export function partitionOf(name: string): TablePart['partition'] {
  return name
    .split('/')
    .slice(0, -1)
    .flatMap((folder) => {
      const at = folder.indexOf('=');
      if (at < 1) return [];
      const value = folder.slice(at + 1);
      const isNull = value === '__HIVE_DEFAULT_PARTITION__';
      return [[unescaped(folder.slice(0, at)), isNull ? null : unescaped(value)] as const];
    });
}

/** `%2F` and its like: bytes of UTF-8, or where they are none, characters. */
function unescaped(text: string): string {
  return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (escapes) => {
    const bytes = Buffer.from(escapes.replaceAll('%', ''), 'hex');
    const read = bytes.toString('utf8');
    return Buffer.from(read).equals(bytes) ? read : bytes.toString('latin1');
  });
}

/** The same table, whose folder is looked at when all of it was read. */
function lookedAtAgain(table: Table, requireStill: () => Promise<void>): Table {
  return {
    ...table,
    async read(...reading) {
      const warnings = await table.read(...reading);
      await requireStill();
      return warnings;
    },
  };
}

/** Who reads the folder as a whole may take them for data. */
function othersWarning({ location }: PinnedCopy, others: readonly string[]): FormatWarning[] {
  if (others.length === 0) return [];
  const message = `${count(others.length, 'file')} below ${location} are no parts by the contract, and a job that reads the whole folder may read them: ${others.slice(0, 3).join(', ')}${others.length > 3 ? ', …' : ''}`;
  return [{ code: 'PARTS_LEFT_OUT', message, line: null }];
}

/** Each sort of warning once: of the first part that has it, and of how many. */
function partWarnings(
  opened: readonly { readonly part: CopyPart; readonly file: OpenedCopy }[],
): readonly FormatWarning[] {
  const found = new Map<string, { readonly first: FormatWarning; parts: number }>();
  for (const { part, file } of opened) {
    for (const { code, message } of [...file.warnings(), ...file.table.warnings]) {
      const known = found.get(code);
      if (known !== undefined) known.parts += 1;
      else {
        const first = { code, message: `part ${part.name}: ${message}`, line: null };
        found.set(code, { first, parts: 1 });
      }
    }
  }
  return [...found.values()].map(({ first, parts }) =>
    parts === 1 ? first : { ...first, message: `${first.message} (and ${parts - 1} more parts)` },
  );
}
