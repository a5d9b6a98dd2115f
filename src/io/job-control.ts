import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { isatty } from 'node:tty';

/**
 * Whether a terminal sends its own signals (Ctrl-C, Ctrl-\) to this process: it is in the
 * terminal's foreground group, and then so is a command that it started. To forward them would
 * deliver them twice.
 */
export function terminalSignalsUs(): boolean {
  const groups = process.platform === 'linux' ? groupsOnLinux() : groupsByPs();
  if (groups !== null) return groups.own === groups.foreground;
  return [0, 1, 2].some((descriptor) => isatty(descriptor));
}

/** Whether this process has a controlling terminal, whose end would hang it up. */
export function hasControllingTerminal(): boolean {
  const groups = process.platform === 'linux' ? groupsOnLinux() : groupsByPs();
  // The foreground group of no terminal is -1, and 0 to ps.
  return groups === null || groups.foreground > 0;
}

/** A process's group, and the one in the foreground of its terminal (-1: it has none). */
interface Groups {
  readonly own: number;
  readonly foreground: number;
}

/** Fields 5 and 8 of /proc/self/stat. */
function groupsOnLinux(): Groups | null {
  try {
    const stat = readFileSync('/proc/self/stat', 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { own: Number(fields[2]), foreground: Number(fields[5]) };
  } catch {
    return null;
  }
}

function groupsByPs(): Groups | null {
  try {
    const line = execFileSync('ps', ['-o', 'pgid=,tpgid=', '-p', String(process.pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [own, foreground] = line.trim().split(/\s+/).map(Number);
    return own === undefined || foreground === undefined ? null : { own, foreground };
  } catch {
    return null;
  }
}
