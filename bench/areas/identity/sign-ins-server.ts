// A server with one worker, people who sign in, and clients of the gateway and the control listener.
import { setTimeout as delay } from 'node:timers/promises';
import type { OwnSite } from '../../harness/contender.ts';
import { startGatehouse } from '../../harness/gatehouse-start.ts';
import type { HttpConnection, Message, TcpOrigin } from '../../harness/http-connection.ts';
import { createHttpConnection } from '../../harness/http-connection.ts';
import { ownBytesOf, residentBytesOf } from '../../harness/process-usage.ts';
import { createAdminSocket } from '../control/admin-socket.ts';
import { SIGN_INS, SIGN_INS_OF_ONE } from './sign-in-flood.ts';

export interface SignInsServer {
  pid: number;
  control: TcpOrigin;
  users: readonly string[];
  /** An authenticated request at the gateway. Rejects unless it succeeds. */
  askGateway(): Promise<void>;
  /** The key set of the control listener. */
  askControl(): Promise<void>;
  /** One sign-in, one token by client credentials, and one discovery request. */
  useIdentity(): Promise<void>;
}

export const PASSWORD = 'correct horse battery staple';
const USERS = 20;

export async function startServer(site: OwnSite & { upstreamPort: number }): Promise<SignInsServer> {
  const { port, upstreamPort, stack } = site;
  const routes = [{ path: '/*', upstream: `http://127.0.0.1:${upstreamPort}` }];
  const { program, root, control, socket } = await startGatehouse(site, {
    gateway: { listen: `127.0.0.1:${port}`, workers: 1, routes },
    control: { listen: '127.0.0.1:0', maxConnections: 2 * SIGN_INS },
    identity: { hashQueue: SIGN_INS_OF_ONE },
  });
  const admin = createAdminSocket(socket);
  stack.defer(admin.close);
  const users = Array.from({ length: USERS }, (_, index) => `person-${index}`);
  for (const each of users) await admin.createUser(each);
  const { key } = await admin.createKey('benchmark');
  const client = (await admin.call('POST', '/admin/clients', {
    name: 'reports',
    grants: ['client_credentials'],
  })) as { client_id: string; client_secret: string };
  const listener = { host: 'localhost', port: Number(new URL(control).port), root };
  const gatewayConnection = createHttpConnection({ host: 'localhost', port, root });
  const controlConnection = createHttpConnection(listener);
  stack.defer(gatewayConnection.close);
  stack.defer(controlConnection.close);
  return {
    pid: program.pid,
    control: listener,
    users,
    askGateway: () =>
      succeed(gatewayConnection, { method: 'GET', target: '/', fields: `X-API-Key: ${key}\r\n` }),
    askControl: () => succeed(controlConnection, { method: 'GET', target: '/.well-known/jwks.json' }),
    async useIdentity() {
      await succeed(controlConnection, {
        method: 'POST',
        target: '/auth/login',
        fields: 'Content-Type: application/json\r\n',
        body: JSON.stringify({ username: users[0], password: PASSWORD }),
      });
      const credentials = Buffer.from(`${client.client_id}:${client.client_secret}`).toString('base64');
      await succeed(controlConnection, {
        method: 'POST',
        target: '/oauth/token',
        fields: `Content-Type: application/x-www-form-urlencoded\r\nAuthorization: Basic ${credentials}\r\n`,
        body: 'grant_type=client_credentials',
      });
      await succeed(controlConnection, { method: 'GET', target: '/.well-known/openid-configuration' });
    },
  };
}

export interface Rest {
  /** Proportional set size: pages shared with other programs count in part. */
  proportionalBytes: number;
  /** The size as if no other program shared pages. */
  ownBytes: number;
}

// Until the garbage of the requests is collected.
const REST_MS = 5000;

export async function measureRest({ pid }: SignInsServer, signal: AbortSignal): Promise<Rest> {
  await delay(REST_MS, undefined, { signal });
  return { proportionalBytes: residentBytesOf(pid), ownBytes: ownBytesOf(pid) };
}

async function succeed(connection: HttpConnection, message: Message): Promise<void> {
  const { status, body } = await connection.exchange(message);
  if (status === 200) return;
  throw new Error(`${message.method} ${message.target} is answered ${status}: ${body.toString('utf8')}`);
}
