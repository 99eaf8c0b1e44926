// The data plane processes of a running server, seen from outside.
import { readFileSync } from 'node:fs';
import { eventually } from './conditions.ts';
import { childrenOf, commandLineOf, descriptorsOf } from './process-facts.ts';

const PROGRAM = /\/dataplane(?:\/src\/main\.ts|\.js) ?$/;
/** The server notices a silent process after ten seconds. The additional time is for a busy machine. */
const REPLACED_WITHIN_MS = 40_000;

/** The ids of the data plane processes of the server with this id. */
export function dataPlanesOf(serverPid: number): number[] {
  return childrenOf(serverPid).filter((pid) => PROGRAM.test(commandLineOf(pid)));
}

/** Whether the process runs on Bun. */
export function runsOnBun(pid: number): boolean {
  return /\/bun(?:\.exe)?(?: |$)/.test(commandLineOf(pid));
}

/** Resolves when `count` data plane processes listen on `port`, and none of `gone`. */
export async function replaced(
  { pid, port }: { pid: number; port: number },
  gone: readonly number[],
  count: number,
): Promise<void> {
  const areReplaced = () => {
    const pids = dataPlanesOf(pid).filter((candidate) => !gone.includes(candidate));
    if (pids.length !== count) return false;
    const listening = socketsOf(port).filter(({ state }) => state === LISTENING);
    return pids.every((candidate) => holds(candidate, listening));
  };
  await eventually('the data plane processes to be replaced', areReplaced, REPLACED_WITHIN_MS);
}

/** The process that has the server's end of a connection to `port` from `clientPort`. */
export function ownerOf(pids: readonly number[], port: number, clientPort: number): number | undefined {
  const connection = socketsOf(port).filter(({ remotePort }) => remotePort === clientPort);
  return pids.find((pid) => holds(pid, connection));
}

interface TcpSocket {
  remotePort: number;
  /** The numbers of Linux, in hexadecimal. */
  state: string;
  inode: string;
}

const LISTENING = '0A';

/** The sockets of this machine with this local port (Documentation/networking/proc_net_tcp.rst). */
function socketsOf(port: number): TcpSocket[] {
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local]) => portOf(local) === port)
    .map(([, , remote, state = '', , , , , , inode = '']) => ({ remotePort: portOf(remote), state, inode }));
}

function holds(pid: number, sockets: readonly TcpSocket[]): boolean {
  const descriptors = new Set(descriptorsOf(pid));
  return sockets.some(({ inode }) => descriptors.has(`socket:[${inode}]`));
}

/** The port of `0100007F:20FB`. */
function portOf(address = ''): number {
  return Number.parseInt(address.split(':')[1] ?? '', 16);
}
