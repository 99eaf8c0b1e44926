// Reads from Linux which connections a server still has, because a client that does not read cannot notice
// the end (Documentation/networking/proc_net_tcp.rst).
import { readFileSync } from 'node:fs';

const ESTABLISHED = ' 01 ';
const POLL_MS = 250;

export interface HeldConnections {
  /** Resolves when the server has ended the connection from this port of the client. */
  ended(clientPort: number): Promise<void>;
}

export function watchHeldConnections(serverPort: number): HeldConnections {
  const watched = new Map<number, () => void>();
  let timer: NodeJS.Timeout | undefined;

  function check(): void {
    const held = clientPortsOf(serverPort);
    for (const [port, resolve] of watched) {
      if (held.has(port)) continue;
      watched.delete(port);
      resolve();
    }
    if (watched.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  }

  return {
    ended: (clientPort) =>
      new Promise((resolve) => {
        watched.set(clientPort, resolve);
        timer ??= setInterval(check, POLL_MS);
      }),
  };
}

/** The other ends of the connections that are open on `serverPort`. */
function clientPortsOf(serverPort: number): Set<number> {
  const local = `:${serverPort.toString(16).toUpperCase().padStart(4, '0')} `;
  const ports = new Set<number>();
  for (const line of readFileSync('/proc/net/tcp', 'latin1').split('\n')) {
    if (!line.includes(local) || !line.includes(ESTABLISHED)) continue;
    const [, own = '', other = ''] = line.trim().split(/\s+/);
    if (own.endsWith(local.trim())) ports.add(Number.parseInt(other.split(':')[1] ?? '', 16));
  }
  return ports;
}
