// Serves the samples on a plain HTTP port. `close` accepts no more connections, and waits for running
// requests up to a limit. A request that is not valid HTTP is answered with 400 and without a body.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createEncryptedHandler } from '@gatehouse/protocol';
import { getRequestListener } from '@hono/node-server';
import { createSamples, ENCRYPTED_PATHS, type SamplesOptions } from './samples.ts';

/** The options of the samples, and where to serve them. */
export interface ServeSamplesOptions extends SamplesOptions {
  /** 127.0.0.1 by default. */
  host?: string;
  /** 8080 by default; 0 for any free port. */
  port?: number;
  /** How long `close` waits for running requests before it ends them; 8 by default. */
  drainSeconds?: number;
}

/** The running server. */
export interface SamplesServer {
  /** Without a slash at the end. */
  readonly url: string;
  /** Ends the streams of events, waits for running requests, then resolves. */
  close(): Promise<void>;
}

/**
 * Serves the samples, and resolves when the port is open.
 * @throws Node's error if it cannot listen
 * @example
 * const server = await serveSamples({ folder: '/tmp/samples', port: 0 });
 * const response = await fetch(`${server.url}/notes`);
 */
export async function serveSamples(options: ServeSamplesOptions): Promise<SamplesServer> {
  const { host = '127.0.0.1', port = 8080, drainSeconds = 8 } = options;
  const samples = createSamples(options);
  // The globals are not replaced, because other code in this process uses Request and Response.
  const listener = getRequestListener((request) => samples.fetch(request), { overrideGlobalObjects: false });
  const encrypted = createEncryptedHandler(samples.encrypted);
  const server = createServer((request, response) => {
    const isEncrypted = ENCRYPTED_PATHS.includes(pathOf(request.url));
    void (isEncrypted ? encrypted : listener)(request, response);
  });
  await listen(server, host, port);
  return {
    url: urlOf(server.address() as AddressInfo),
    close() {
      samples.close();
      return drain(server, drainSeconds);
    },
  };
}

function pathOf(target = ''): string {
  const end = target.indexOf('?');
  return end === -1 ? target : target.slice(0, end);
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

// `Server.close` closes only connections that are idle at that moment. Those that become idle later are
// closed here.
function drain(server: Server, seconds: number): Promise<void> {
  const cut = setTimeout(() => server.closeAllConnections(), seconds * 1000);
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  return new Promise((resolve) => {
    server.close(() => {
      clearTimeout(cut);
      clearInterval(sweep);
      resolve();
    });
  });
}

function urlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
