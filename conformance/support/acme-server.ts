// A server whose ACME part finds its clients on this machine: its own ports for challenges, and a DNS server
// that the test fills.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DnsServer } from './dns-server.ts';
import { startDnsServer } from './dns-server.ts';
import { freePorts } from './ports.ts';
import type { ServerUnderTest } from './server-under-test.ts';
import { startServer } from './server-under-test.ts';

export interface AcmeUnderTest {
  server: ServerUnderTest;
  /** URL of the directory. */
  directory: string;
  /** Path of root.pem. */
  rootFile: string;
  /** The ports of http-01 and tls-alpn-01. No program listens there yet. */
  httpPort: number;
  tlsPort: number;
  dns: DnsServer;
  /** A folder for the files of the clients. */
  folder: string;
  stop(): Promise<void>;
}

/** `set`: further `KEY=VALUE` settings. */
export async function startAcmeServer(set: readonly string[] = []): Promise<AcmeUnderTest> {
  const dns = await startDnsServer();
  const [httpPort = 0, tlsPort = 0] = await freePorts(2);
  const places = [`acme.httpPort=${httpPort}`, `acme.tlsPort=${tlsPort}`, `acme.resolver=${dns.address}`];
  const server = await startServer({
    upstream: 'http://127.0.0.1:9',
    set: ['gateway.workers=1', ...places, ...set],
  });
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-acme-'));
  return {
    server,
    directory: `https://localhost:${server.controlPort}/acme/directory`,
    rootFile: server.running.ready.rootCertificate,
    httpPort,
    tlsPort,
    dns,
    folder,
    async stop() {
      dns.close();
      rmSync(folder, { recursive: true, force: true });
      await server.stop();
    },
  };
}
