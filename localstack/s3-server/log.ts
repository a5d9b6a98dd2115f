import type { Operation } from './routes.ts';

/** A request that was seen. */
export interface RequestEntry {
  readonly method: string;
  /** Undefined for what the server does not know. */
  readonly operation: Operation | undefined;
  readonly bucket: string | undefined;
  readonly key: string | undefined;
  readonly query: Readonly<Record<string, string>>;
  /** By lower-case name; Authorization is left out. */
  readonly headers: Readonly<Record<string, string>>;
  /** The kinds of the faults that struck it. */
  readonly faults: readonly string[];
  /** Undefined until the answer begins, and for ever when there is none. */
  readonly status: number | undefined;
  /** The error's code, also where HEAD shows no body. */
  readonly errorCode: string | undefined;
  /** What went wrong inside the server: a defect of the server itself. */
  readonly failure: unknown;
}

/** The server's own view of an entry. */
export interface OpenEntry extends RequestEntry {
  readonly faults: string[];
  status: number | undefined;
  errorCode: string | undefined;
  failure: unknown;
}

const matchedMembers = ['method', 'operation', 'bucket', 'key', 'status', 'errorCode'] as const;

/** Which entries are meant: all members given must be equal. */
export type EntryMatch = Partial<Pick<RequestEntry, (typeof matchedMembers)[number]>>;

/** Every request, in the order of arrival. */
export class RequestLog {
  #entries: OpenEntry[] = [];
  readonly #waiting = new Set<(entry: RequestEntry) => void>();

  get entries(): readonly RequestEntry[] {
    return this.#entries;
  }

  /** The entries that match. */
  where(match: EntryMatch = {}): RequestEntry[] {
    return this.#entries.filter((entry) => agrees(entry, match));
  }

  /** The first entry that matches, now or when it arrives. */
  waitFor(match: EntryMatch): Promise<RequestEntry> {
    const [present] = this.where(match);
    if (present !== undefined) return Promise.resolve(present);
    return new Promise((resolve) => {
      const look = (entry: RequestEntry): void => {
        if (!agrees(entry, match)) return;
        this.#waiting.delete(look);
        resolve(entry);
      };
      this.#waiting.add(look);
    });
  }

  /** Forgets what was seen. */
  clear(): void {
    this.#entries = [];
  }

  /** Adds a request as it arrives. */
  begin(entry: OpenEntry): void {
    this.#entries.push(entry);
    this.#announce(entry);
  }

  /** Notes how a request is answered. */
  answered(entry: OpenEntry, status: number, errorCode?: string): void {
    entry.status = status;
    entry.errorCode = errorCode;
    this.#announce(entry);
  }

  #announce(entry: RequestEntry): void {
    for (const look of this.#waiting) look(entry);
  }
}

function agrees(entry: RequestEntry, match: EntryMatch): boolean {
  return matchedMembers.every((name) => match[name] === undefined || match[name] === entry[name]);
}
