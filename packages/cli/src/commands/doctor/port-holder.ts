// Which program listens on a port. On Linux from /proc: the socket by its port, then the process that has it
// open.
import { readdir, readFile, readlink } from 'node:fs/promises';

/** `NAME (process ID)`; undefined if it is unknown, for example for programs of other users. */
export async function holderOfPort(port: number): Promise<string | undefined> {
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'latin1').catch(() => '')),
  );
  const sockets = tables.flatMap((table) => listenersIn(table, port)).map((inode) => `socket:[${inode}]`);
  if (sockets.length === 0) return undefined;
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  for (const id of ids) {
    if (await hasOpen(id, sockets)) return `${await nameOf(id)} (process ${id})`;
  }
  return undefined;
}

/** The inodes of sockets in state 0A, LISTEN (proc_net_tcp of the kernel's documentation). */
export function listenersIn(table: string, port: number): string[] {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = '', , state]) => local.endsWith(wanted) && state === '0A')
    .flatMap((fields) => fields[9] ?? []);
}

async function hasOpen(id: string, sockets: readonly string[]): Promise<boolean> {
  const names = await readdir(`/proc/${id}/fd`).catch(() => []);
  const links = await Promise.all(names.map((name) => readlink(`/proc/${id}/fd/${name}`).catch(() => '')));
  return links.some((link) => sockets.includes(link));
}

async function nameOf(id: string): Promise<string> {
  return (await readFile(`/proc/${id}/comm`, 'utf8').catch(() => 'unknown')).trim();
}
