// Simultaneous sign-ins from several addresses of the loopback interface, each on an open connection.
import type { HttpConnection, TcpOrigin } from '../../harness/http-connection.ts';
import { createHttpConnection } from '../../harness/http-connection.ts';

export interface Flood {
  /** Sends all of them. Resolves with the number for each status. */
  send(): Promise<ReadonlyMap<number, number>>;
  close(): void;
}

export interface FloodSettings {
  origin: TcpOrigin;
  /** The names and passwords of people. */
  users: readonly string[];
  password: string;
}

export const ADDRESSES = 8;
export const SIGN_INS_OF_ONE = 125;
export const SIGN_INS = ADDRESSES * SIGN_INS_OF_ONE;
// The last one waits for all earlier hashes.
const SILENCE_MS = 300_000;

/** Opens the connections. */
export async function prepareFlood({ origin, users, password }: FloodSettings): Promise<Flood> {
  const byAddress = Array.from({ length: ADDRESSES }, (_, index) =>
    Array.from({ length: SIGN_INS_OF_ONE }, () =>
      createHttpConnection({ ...origin, localAddress: `127.0.1.${index + 1}` }, SILENCE_MS),
    ),
  );
  await Promise.all(byAddress.map(openAll));
  const connections = byAddress.flat();
  return {
    async send() {
      const statuses = new Map<number, number>();
      await Promise.all(
        connections.map(async (connection, index) => {
          // Every second one is for an unknown user, which takes as long as a wrong password.
          const username = index % 2 === 0 ? users[(index / 2) % users.length] : `stranger-${index}`;
          const { status } = await connection.exchange({
            method: 'POST',
            target: '/auth/login',
            fields: 'Content-Type: application/json\r\n',
            body: JSON.stringify({ username, password }),
          });
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
        }),
      );
      return statuses;
    },
    close() {
      for (const each of connections) each.close();
    },
  };
}

/** One after another, because the handshakes of one address are limited. */
async function openAll(connections: readonly HttpConnection[]): Promise<void> {
  for (const each of connections) await each.exchange({ method: 'GET', target: '/.well-known/jwks.json' });
}
