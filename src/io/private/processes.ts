import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** A process, told from a later one with the same id by the time at which it started. */
export interface ProcessMark {
  readonly pid: number;
  /** Opaque; null where it could not be found out. */
  readonly startedAt: string | null;
}

/** The mark of a process, or null where there is none (a zombie is none). */
export function markProcess(pid: number): ProcessMark | null {
  if (process.platform === 'linux') return markOnLinux(pid);
  try {
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
    const [status = '', ...started] = line.split(/\s+/);
    if (status === '' || status.startsWith('Z')) return null;
    return { pid, startedAt: started.join(' ') };
  } catch (error) {
    // ps says "no such process" by its exit code; without ps nothing is known.
    return isExit(error) ? null : { pid, startedAt: null };
  }
}

/** Field 22 of /proc/PID/stat: clock ticks since boot. The name before it may hold anything. */
function markOnLinux(pid: number): ProcessMark | null {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return null;
  }
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (state === 'Z' || state === 'X') return null;
  return { pid, startedAt: fields[18] ?? null };
}

/** Whether a process that was marked still runs. In doubt it does. */
export function stillRuns(mark: ProcessMark): boolean {
  const now = markProcess(mark.pid);
  if (now === null) return false;
  return now.startedAt === null || mark.startedAt === null || now.startedAt === mark.startedAt;
}

/**
 * Where process ids mean something: this boot of this machine, and its namespace of ids. Two
 * containers may share a directory, and neither sees the other's processes.
 */
export interface ProcessSpace {
  readonly host: string;
  readonly boot: string;
  readonly namespace: string;
}

export function currentSpace(): ProcessSpace {
  return {
    host: hostname(),
    boot: orEmpty(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1')),
    namespace: orEmpty(() => readlinkSync('/proc/self/ns/pid')),
  };
}

/** What other systems than Linux do not have is the same for all of their processes. */
function orEmpty(read: () => string): string {
  try {
    return read().trim();
  } catch {
    return '';
  }
}

function isExit(error: unknown): boolean {
  return error instanceof Error && 'status' in error && typeof error.status === 'number';
}
