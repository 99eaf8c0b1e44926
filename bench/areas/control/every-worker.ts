// Checks that a change is in force in every worker when it is answered: a new key is accepted and a revoked
// one is refused at once, on many connections. The kernel distributes connections over the workers, so each
// worker has some of them.
import { createHttpConnection, type HttpConnection } from '../../harness/http-connection.ts';
import { createAdminSocket } from './admin-socket.ts';
import type { StartedBuild } from './build.ts';

// With two workers, it misses one of them once in 2^31 times.
const CONNECTIONS = 32;
// A worker that applies a change may not answer for a long time.
const SILENCE_MS = 120_000;
const OK = 200;
const UNAUTHORIZED = 401;

/** Throws if one of the connections gets another answer. */
export async function checkEveryWorker(server: StartedBuild): Promise<void> {
  const admin = createAdminSocket(server.socket);
  const kept = connectionsTo(server);
  const fresh = connectionsTo(server);
  try {
    await expectStatus(kept, UNAUTHORIZED);
    const { id, key } = await admin.createKey('probing-key');
    await expectStatus(kept, OK, key);
    await expectStatus(fresh, OK, key);
    await admin.revokeKey(id);
    await expectStatus(kept, UNAUTHORIZED, key);
    await expectStatus(fresh, UNAUTHORIZED, key);
  } finally {
    for (const connection of [...kept, ...fresh]) connection.close();
    admin.close();
  }
}

function connectionsTo({ gatewayPort: port, root }: StartedBuild): HttpConnection[] {
  return Array.from({ length: CONNECTIONS }, () =>
    createHttpConnection({ host: 'localhost', port, root }, SILENCE_MS),
  );
}

async function expectStatus(
  connections: readonly HttpConnection[],
  expected: number,
  key?: string,
): Promise<void> {
  const fields = key === undefined ? '' : `X-API-Key: ${key}\r\n`;
  const answers = await Promise.all(
    connections.map((connection) => connection.exchange({ method: 'GET', target: '/', fields })),
  );
  for (const { status } of answers) {
    if (status !== expected) {
      throw new Error(`a worker answers ${status} instead of ${expected}, after a change was answered`);
    }
  }
}
