// A whole server in this process: free ports of 127.0.0.1, its own data folder, and an upstream of the test.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunningServer } from '@gatehouse/server';
import type { AdminApi, Json } from './admin-api.ts';
import { adminOf } from './admin-api.ts';
import { serve } from './server.ts';
import { ONE_WORKER, USUAL_TRANSPORT } from './transports.ts';

export interface ServerUnderTest {
  running: RunningServer;
  /** The gateway's port. */
  port: number;
  controlPort: number;
  /** PEM of the root certificate. */
  ca: string;
  /** The data folder. */
  data: string;
  /** Calls the admin API over the Unix socket. Throws if it fails. */
  admin: AdminApi;
  createKey(roles: string[], expiresInSeconds?: number): Promise<{ id: string; name: string; key: string }>;
  /** A new user. */
  createUser(roles: string[]): Promise<{ name: string; password: string }>;
  /** The access log so far, parsed. */
  accessLog(): Json[];
  /** The access log so far, as text. */
  accessLogText(): string;
  stop(): Promise<void>;
}

export interface ServerOptions {
  upstream: string;
  /** `KEY=VALUE` settings other than the listeners. */
  set?: string[];
}

/** Starts a server; the caller stops it. */
export async function startServer({ upstream, set = [] }: ServerOptions): Promise<ServerUnderTest> {
  const data = mkdtempSync(join(tmpdir(), 'gatehouse-conformance-'));
  const listeners = ['gateway', 'control', 'pki'].map((name) => `${name}.listen=127.0.0.1:0`);
  const settings = [...listeners, 'log.level=error', ONE_WORKER, ...USUAL_TRANSPORT, ...set];
  const running = await serve({ set: settings, environment: {}, data, upstream });
  const admin = adminOf(data);
  const accessLogText = () => readFileSync(join(data, 'access.log'), 'utf8');
  let named = 0;
  const nextName = (kind: string) => `${kind}-${++named}`;
  return {
    running,
    port: Number(new URL(running.ready.gateway).port),
    controlPort: Number(new URL(running.ready.control).port),
    ca: readFileSync(running.ready.rootCertificate, 'utf8'),
    data,
    admin,
    async createKey(roles, expiresInSeconds) {
      const answer = await admin('POST', '/admin/keys', { name: nextName('key'), roles, expiresInSeconds });
      return answer as { id: string; name: string; key: string };
    },
    async createUser(roles) {
      const user = { name: nextName('user'), password: 'correct horse battery staple' };
      await admin('POST', '/admin/users', { ...user, roles });
      return user;
    },
    // The line after the last line break is not complete yet.
    accessLog: () =>
      accessLogText()
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Json),
    accessLogText,
    async stop() {
      await running.stop();
      rmSync(data, { recursive: true, force: true });
    },
  };
}
