// Connections to FTP servers that are used again: one at a time for each server and user, because FTP
// transfers one file at a time. A connection that failed is not used again.
import { Client } from 'basic-ftp';
import { checkSubjectAltName } from '../network/pem.ts';
import { secureContextOf, type TlsCredentials } from '../sockets/credentials.ts';
import type { FtpAddress } from './address.ts';
import { createDataConnections, type DataConnections } from './data-connection.ts';
import { ftpFailure } from './errors.ts';

export interface ConnectionOptions extends TlsCredentials {
  timeoutSeconds: number;
  maxListingBytes: number;
}

export interface FtpConnections {
  /** Runs a transfer on a connection that is signed in. Throws `ClientError`. */
  use<T>(address: FtpAddress, transfer: (client: Client) => Promise<T>): Promise<T>;
  close(): void;
}

export function createConnections(options: ConnectionOptions): FtpConnections {
  const idle = new Map<string, Client[]>();
  const all = new Map<Client, DataConnections>();
  const open = async (address: FtpAddress) => {
    const { timeoutSeconds, maxListingBytes } = options;
    const client = new Client(timeoutSeconds * 1000, { maxListingBytes });
    const data = createDataConnections();
    client.prepareTransfer = (ftp) => data.open(ftp);
    all.set(client, data);
    await signIn(client, address, options);
    return client;
  };
  const discard = (client: Client) => {
    client.close();
    all.delete(client);
  };
  return {
    async use(address, transfer) {
      const key = keyOf(address);
      const kept = idle.get(key) ?? [];
      idle.set(key, kept);
      let client = await usable(kept, discard);
      try {
        client ??= await open(address);
        const used = client;
        const result = await transfer(used).finally(() => all.get(used)?.settle());
        kept.push(client);
        return result;
      } catch (error) {
        if (client !== undefined) discard(client);
        throw ftpFailure(error, address);
      }
    },
    close() {
      for (const client of all.keys()) discard(client);
      idle.clear();
    },
  };
}

/** A server ends idle connections: NOOP shows whether this one is still open. */
async function usable(kept: Client[], discard: (client: Client) => void): Promise<Client | undefined> {
  for (let client = kept.pop(); client !== undefined; client = kept.pop()) {
    const isOpen =
      !client.closed &&
      (await client.send('NOOP').then(
        () => true,
        () => false,
      ));
    if (isOpen) return client;
    discard(client);
  }
  return undefined;
}

function signIn(client: Client, address: FtpAddress, options: ConnectionOptions): Promise<unknown> {
  const { host, port, user, password, security } = address;
  const secure = security === 'implicit' ? 'implicit' : security === 'explicit';
  return client.access({
    host,
    port,
    user,
    password,
    secure,
    secureOptions: {
      ...secureContextOf(options),
      rejectUnauthorized: true, // explicit, so that NODE_TLS_REJECT_UNAUTHORIZED cannot turn it off
      // A data connection goes to an address, so the name to check is that of the URL.
      checkServerIdentity: (_hostname, certificate) => checkSubjectAltName(host, certificate),
    },
  });
}

function keyOf({ host, port, user, password, security }: FtpAddress): string {
  return JSON.stringify([host, port, user, password, security]);
}
