// A gateway with certificates from Pebble (gateway.acme): its configuration file, the hook for dns-01, and
// clients that trust only the root of Pebble.
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Agent } from 'node:https';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { connect } from 'node:tls';
import type { DnsRecords } from './dns-server.ts';
import type { Up } from './gatehouse-command.ts';
import { up } from './gatehouse-command.ts';
import { serialOf } from './tls-upstream.ts';
import type { TransportName } from './transports.ts';
import { onTransport } from './transports.ts';

/** A certificate of `gateway.acme`, in the form of the configuration file. */
export type WantedCertificate = Record<string, unknown> & { names: string[] };

export interface CertifiedGateway {
  server: Up;
  folder: string;
  port: number;
  /** Writes the configuration file. */
  configure(acme: readonly WantedCertificate[]): void;
  stop(): Promise<void>;
}

export interface GatewayStart {
  transport: TransportName;
  upstream: string;
  port: number;
  httpPort: number;
  acme: readonly WantedCertificate[];
  /** The data folder of an earlier server. */
  folder?: string;
}

export async function startGateway(start: GatewayStart): Promise<CertifiedGateway> {
  const { transport, upstream, port, httpPort } = start;
  const folder = start.folder ?? mkdtempSync(join(tmpdir(), 'gatehouse-certified-'));
  const config = join(folder, 'gatehouse.config.json');
  function configure(acme: readonly WantedCertificate[]): void {
    const routes = [{ path: '/*', access: 'public', upstream }];
    const httpListen = `127.0.0.1:${httpPort}`;
    const gateway = { httpListen, workers: 2, routes, acme };
    writeFileSync(config, JSON.stringify({ gateway, control: { metrics: 'public' } }));
  }
  configure(start.acme);
  const data = join(folder, 'data');
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const set = [`gateway.listen=127.0.0.1:${port}`, ...onTransport(transport)];
  const server = await up({ config, data, set });
  return {
    server,
    folder,
    port,
    configure,
    async stop() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A hook for dns-01 that stores the records in files. */
export interface DnsHook {
  path: string;
  /** The records of a name that the hook has set last. */
  records(name: string): DnsRecords;
}

export function writeHook(folder: string): DnsHook {
  const path = join(folder, 'dns-hook');
  const script = `#!/bin/sh
case "$1" in
  set) printf '%s\\n' "$3" >> "${folder}/$2" ;;
  clear) rm -f "${folder}/$2" ;;
esac
`;
  writeFileSync(path, script);
  chmodSync(path, 0o755);
  return {
    path,
    records(name) {
      try {
        return { TXT: readFileSync(join(folder, name), 'utf8').trim().split('\n') };
      } catch {
        return {};
      }
    },
  };
}

export interface Served {
  serial: string;
  names: string;
  issuer: string;
}

/** The certificate of the gateway for a name. Rejects if it has no chain to `root`. */
export function servedFor(name: string, { port, root }: { port: number; root: string }): Promise<Served> {
  return served({ port, servername: name, ca: root });
}

/** The same for a certificate that may have expired. */
export function servedAnyhow(name: string, port: number): Promise<Served> {
  return served({ port, servername: name, rejectUnauthorized: false });
}

function served(options: ConnectionOptions): Promise<Served> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', ...options }, () => {
      const certificate = socket.getPeerX509Certificate();
      socket.destroy();
      if (!certificate) return reject(new Error('no certificate'));
      const { subjectAltName = '', issuer } = certificate;
      resolve({ serial: serialOf(certificate.toString()), names: subjectAltName, issuer });
    });
    socket.on('error', reject);
  });
}

/**
 * One request, on a new connection unless `agent` has one. Resolves with the serial number of the
 * certificate.
 */
export function requestTo(
  name: string,
  { port, root }: { port: number; root: string },
  agent?: Agent,
): Promise<{ status: number; serial: string }> {
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port,
      servername: name,
      ca: root,
      agent: agent ?? false,
      headers: { host: name },
    };
    const outgoing = request({ ...options, path: '/' }, (answer) => {
      const { socket } = answer as unknown as { socket: TLSSocket };
      const serial = serialOf(String(socket.getPeerX509Certificate()));
      answer.resume();
      answer.once('end', () => resolve({ status: answer.statusCode ?? 0, serial }));
      answer.once('error', reject);
    });
    outgoing.once('error', reject);
    outgoing.end();
  });
}
