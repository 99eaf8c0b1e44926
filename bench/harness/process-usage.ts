// The resources of a program with all its threads and child processes, from Linux's /proc (proc_pid_stat(5),
// proc_pid_smaps(5)).
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

export interface ProcessFacts {
  pid: number;
  parent: number;
  /** In clock ticks since boot. Together with the pid it is unique. */
  startedAt: number;
  /** User and system time of all threads, and of children that have ended. */
  cpuSeconds: number;
}

// USER_HZ: the same on every Linux that Node runs on.
const TICKS_PER_SECOND = 100;

/** A process and its descendants, itself first; empty if it has ended. */
export function processTree(root: number): ProcessFacts[] {
  const all = allProcesses();
  const tree = all.filter(({ pid }) => pid === root);
  for (const member of tree) tree.push(...all.filter(({ parent }) => parent === member.pid));
  return tree;
}

export function cpuSecondsOf(...roots: number[]): number {
  return roots.flatMap(processTree).reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
}

/** Resident memory in bytes. Pages that several processes share count once (proportional set size). */
export function residentBytesOf(...roots: number[]): number {
  return roots.flatMap(processTree).reduce((sum, { pid }) => sum + proportionalBytes(pid), 0);
}

/**
 * Resident memory in bytes, independent of programs outside of the tree: the private memory of each process,
 * plus once the largest shared part of one of them. Unlike the proportional set size, it does not depend on
 * other programs that run the same Node.
 */
export function ownBytesOf(root: number): number {
  const rollups = processTree(root).map(({ pid }) => rollupOf(pid));
  const own = rollups.reduce((sum, rollup) => sum + rollup('Private_Clean') + rollup('Private_Dirty'), 0);
  return own + Math.max(0, ...rollups.map((rollup) => rollup('Shared_Clean') + rollup('Shared_Dirty')));
}

/** The file name of the program that each process of a tree runs: `node`, `bun`. */
export function programsOf(root: number): string[] {
  return processTree(root).map(({ pid }) => basename(readlinkSync(`/proc/${pid}/exe`)));
}

/** Resident memory in bytes of the processes of a tree with `part` in their arguments. */
export function residentBytesEach(root: number, part: string): number[] {
  return processTree(root)
    .filter(({ pid }) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(part))
    .map(({ pid }) => proportionalBytes(pid));
}

function proportionalBytes(pid: number): number {
  return rollupOf(pid)('Pss');
}

function rollupOf(pid: number): (field: string) => number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return (field) => Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1] ?? 0) * 1024;
}

function allProcesses(): ProcessFacts[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    const stat = readStat(name);
    return stat === undefined ? [] : [processFacts(Number(name), stat)];
  });
}

function readStat(pid: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch (error) {
    // It ended while the list was read.
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
}

function processFacts(pid: number, stat: string): ProcessFacts {
  // The second field, the name in parentheses, may itself contain spaces and parentheses. The third field
  // follows the last parenthesis.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const field = (number: number) => Number(fields[number - 3]);
  const ticks = field(14) + field(15) + field(16) + field(17);
  return { pid, parent: field(4), startedAt: field(22), cpuSeconds: ticks / TICKS_PER_SECOND };
}
