// Searches the memory of another process, in /proc/PID/mem of Linux. Only the same user may do this, and only
// if ptrace is allowed.
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

const PAGE_BYTES = 4096;
const STEP_PAGES = 1024;
const ENTRY_BYTES = 8;
/** Bit 63 of an entry: the page is in memory (Documentation/admin-guide/mm/pagemap.rst). */
const PRESENT = 0x80;

/** The value for `skip`: false if this process may read the memory of `pid`. */
export function cannotRead(pid: number): string | false {
  try {
    closeSync(openSync(`/proc/${pid}/mem`, 'r'));
    return false;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM' || code === 'ENOENT')
      return `needs to read /proc/PID/mem: ${code}`;
    throw error;
  }
}

/** The names of the patterns that occur in the memory of the process. */
export function findInMemory(pid: number, patterns: ReadonlyMap<string, Buffer>): Set<string> {
  const found = new Set<string>();
  const longest = Math.max(...[...patterns.values()].map(({ length }) => length));
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  const pagemap = openSync(`/proc/${pid}/pagemap`, 'r');
  try {
    for (const region of readableRegions(pid)) {
      let tail = Buffer.alloc(0);
      for (let at = region.start; at < region.end; at += STEP_PAGES * PAGE_BYTES) {
        const pages = Math.min(STEP_PAGES, (region.end - at) / PAGE_BYTES);
        const octets = hasPages(pagemap, at, pages)
          ? readAt(memory, at, pages * PAGE_BYTES)
          : Buffer.alloc(0);
        // A pattern may cross the border of two parts.
        const searched = Buffer.concat([tail, octets]);
        for (const [name, pattern] of patterns) if (searched.includes(pattern)) found.add(name);
        tail = Buffer.from(searched.subarray(Math.max(0, searched.length - longest + 1)));
      }
    }
    return found;
  } finally {
    closeSync(memory);
    closeSync(pagemap);
  }
}

/** A mapping of a file that the process cannot write, such as the code of a program. */
const FILE_AS_IT_IS = /^-.*\s\//;

interface Region {
  start: number;
  end: number;
}

function readableRegions(pid: number): Region[] {
  return readFileSync(`/proc/${pid}/maps`, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, start = '', end = '', rest = ''] = /^([0-9a-f]+)-([0-9a-f]+) r(.*)$/.exec(line) ?? [];
      if (start === '' || /\[v(?:var|syscall)/.test(rest) || FILE_AS_IT_IS.test(rest)) return [];
      return [{ start: Number.parseInt(start, 16), end: Number.parseInt(end, 16) }];
    })
    .filter(({ end }) => Number.isSafeInteger(end));
}

function hasPages(pagemap: number, at: number, pages: number): boolean {
  const entries = readAt(pagemap, (at / PAGE_BYTES) * ENTRY_BYTES, pages * ENTRY_BYTES);
  for (let index = ENTRY_BYTES - 1; index < entries.length; index += ENTRY_BYTES) {
    if (((entries[index] ?? 0) & PRESENT) !== 0) return true;
  }
  return false;
}

/** Empty if the region has vanished meanwhile. */
function readAt(descriptor: number, at: number, length: number): Buffer {
  const octets = Buffer.alloc(length);
  try {
    return octets.subarray(0, readSync(descriptor, octets, 0, length, at));
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (['EIO', 'EFAULT', 'ENXIO'].includes(code)) return Buffer.alloc(0);
    throw error;
  }
}
