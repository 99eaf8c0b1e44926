// Facts about processes from Linux: their children, memory and descriptors. Other systems have no /proc.
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** The value for `skip`: false if /proc has the files that are read here. */
export const WITHOUT_PROC: string | false = ['smaps_rollup', `task/${process.pid}/children`].every((name) =>
  existsSync(`/proc/self/${name}`),
)
  ? false
  : 'needs the /proc of Linux';

/** The process and everything below it. */
export function familyOf(pid: number): number[] {
  const parents = allParents();
  const family = [pid];
  // Added processes are visited, too.
  for (const member of family) {
    for (const [candidate, parent] of parents) if (parent === member) family.push(candidate);
  }
  return family;
}

/**
 * The children of the main thread, which starts all children in Node. Reads only one file, so that a test can
 * ask often.
 */
export function childrenOf(pid: number): number[] {
  const list = unlessEnded('', () => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8'));
  return list.split(' ').filter(Boolean).map(Number);
}

/** The arguments of the process, joined by spaces; empty if it has ended. */
export function commandLineOf(pid: number): string {
  return unlessEnded('', () => readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '));
}

/** Octets of memory, with shared pages divided among the processes that share them; 0 if it has ended. */
export function memoryOf(pid: number): number {
  const report = unlessEnded('', () => readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
  return Number(/^Pss:\s+(\d+) kB$/m.exec(report)?.[1] ?? 0) * 1024;
}

/** The target of each open descriptor. */
export function descriptorsOf(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  const names = unlessEnded<string[]>([], () => readdirSync(folder));
  return names.map((name) => unlessEnded('', () => readlinkSync(`${folder}/${name}`))).filter(Boolean);
}

/** The parent of each process. */
function allParents(): Map<number, number | undefined> {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return new Map(pids.map((name) => [Number(name), parentOf(Number(name))]));
}

function parentOf(pid: number): number | undefined {
  const status = unlessEnded('', () => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  // The name of the program, in parentheses, may contain anything.
  const [, parent] = /^ \S (\d+) /.exec(status.slice(status.lastIndexOf(')') + 1)) ?? [];
  return parent === undefined ? undefined : Number(parent);
}

/** A process may end at any time, and a descriptor be closed. */
function unlessEnded<T>(otherwise: T, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (['ENOENT', 'ESRCH'].includes(code)) return otherwise;
    throw error;
  }
}
