// Listening on TCP addresses, and the error when it fails.
import type { Server } from 'node:net';
import { createServer } from 'node:net';
import { GatehouseError } from '@gatehouse/access';

export interface ListenAddress {
  host: string;
  /** 0 lets the system choose. */
  port: number;
}

/** Starts `server` on `address` and returns the port. Throws `listen_failed`, with the setting to change. */
export function listen(server: Server, address: ListenAddress, setting: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException) => reject(listenFailure(error, address, setting));
    server.once('error', refuse);
    server.listen({ host: address.host, port: address.port, exclusive: true }, () => {
      server.off('error', refuse);
      const bound = server.address();
      resolve(typeof bound === 'object' && bound !== null ? bound.port : address.port);
    });
  });
}

/**
 * Checks that no other program listens on `address` and returns its port. Without this check, listeners that
 * share a port (SO_REUSEPORT) could share it with another program unnoticed.
 */
export async function probePort(address: ListenAddress, setting: string): Promise<number> {
  const probe = createServer();
  const port = await listen(probe, address, setting);
  await new Promise<void>((resolve) => probe.close(() => resolve()));
  return port;
}

export function listenFailure(
  error: NodeJS.ErrnoException,
  address: ListenAddress,
  setting: string,
): GatehouseError {
  const where = `${address.host}:${address.port}`;
  const elsewhere = `or listen elsewhere with --set ${setting}=${address.host}:PORT`;
  const details: Record<string, string> = {
    EADDRINUSE: `Port ${where} is taken: stop the program that uses it, ${elsewhere}.`,
    EACCES: `Listening on ${where} is not allowed for this user: use a port above 1023, ${elsewhere}.`,
    ENOTFOUND: `There is no machine with the name ${address.host}: correct ${setting}, such as 127.0.0.1:${address.port}.`,
    EADDRNOTAVAIL: `This machine has no address ${address.host}: correct ${setting}.`,
  };
  const detail =
    details[error.code ?? ''] ?? `Cannot listen on ${where} (${error.message}): correct ${setting}.`;
  return new GatehouseError('listen_failed', detail, { cause: error });
}
