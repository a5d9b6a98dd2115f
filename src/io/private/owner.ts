import { closeSync, constants, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { memberOf } from '../../model/index.ts';
import {
  currentSpace,
  markProcess,
  stillRuns,
  type ProcessMark,
  type ProcessSpace,
} from './processes.ts';

/** Who a private directory belongs to, as `owner.json` in it says. */
export interface Owner {
  readonly space: ProcessSpace;
  readonly keydrift: ProcessMark;
  /** The command; `starting` from just before it is started until it is known. */
  readonly command: ProcessMark | 'none' | 'starting';
}

const fileName = 'owner.json';

/** This process as an owner that has not started its command. */
export function thisOwner(): Owner {
  const mark = markProcess(process.pid) ?? { pid: process.pid, startedAt: null };
  return { space: currentSpace(), keydrift: mark, command: 'none' };
}

/** Writes at once and before it returns: between two steps a process may be killed. */
export function writeOwner(directory: string, owner: Owner): void {
  writeFileSync(join(directory, fileName), JSON.stringify(owner), { mode: 0o600 });
}

/** Reads an owner; null where there is none that can be read. Never follows a link. */
export function readOwner(directory: string): Owner | null {
  try {
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const handle = openSync(join(directory, fileName), flags);
    try {
      return toOwner(JSON.parse(readFileSync(handle, 'utf8')));
    } finally {
      closeSync(handle);
    }
  } catch {
    return null;
  }
}

/** What locks are held by: an owner as text, and whether such a one is gone. */
export const owners: { own(): string; isGone(text: string): boolean } = {
  own: () => JSON.stringify(thisOwner()),
  isGone(text) {
    try {
      const owner = toOwner(JSON.parse(text));
      return owner !== null && isGone(owner, currentSpace());
    } catch {
      return false;
    }
  },
};

/**
 * Whether all processes of an owner are gone. Where their ids mean nothing here (another container,
 * another machine, another boot: two machines may have one name) that cannot be known, and is not
 * assumed.
 */
export function isGone(owner: Owner, space: ProcessSpace): boolean {
  const { host, boot, namespace } = owner.space;
  if (host !== space.host || boot !== space.boot || namespace !== space.namespace) return false;
  if (stillRuns(owner.keydrift) || owner.command === 'starting') return false;
  return owner.command === 'none' || !stillRuns(owner.command);
}

function toOwner(value: unknown): Owner | null {
  const space = memberOf(value, 'space');
  const keydrift = toMark(memberOf(value, 'keydrift'));
  const command = memberOf(value, 'command');
  const told = command === 'none' || command === 'starting' ? command : toMark(command);
  const [host, boot, namespace] = ['host', 'boot', 'namespace'].map((name) =>
    memberOf(space, name),
  );
  if (keydrift === null || told === null) return null;
  if (typeof host !== 'string' || typeof boot !== 'string' || typeof namespace !== 'string') {
    return null;
  }
  return { space: { host, boot, namespace }, keydrift, command: told };
}

function toMark(value: unknown): ProcessMark | null {
  const pid = memberOf(value, 'pid');
  const startedAt = memberOf(value, 'startedAt');
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 0) return null;
  return { pid, startedAt: typeof startedAt === 'string' ? startedAt : null };
}
