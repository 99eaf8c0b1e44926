// The sample services on a plain HTTP port. Closing lets requests that run finish, up to a time, and accepts no more.
// Refuses nothing itself; a request that no handler can be given is answered 400 without a body.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { createSamples, type SamplesOptions } from './samples.ts';

export interface ServeSamplesOptions extends SamplesOptions {
  /** 127.0.0.1 by default. */
  host?: string;
  /** 8080 by default; 0 takes a free one. */
  port?: number;
  /** How long `close` waits for requests that run before it cuts them; 8 by default. */
  drainSeconds?: number;
}

export interface SamplesServer {
  /** Without a slash at the end. */
  readonly url: string;
  /** Ends the streams of events, finishes the requests that run, then resolves. */
  close(): Promise<void>;
}

/** Listens, and resolves when requests are answered. Rejects with Node's error when it cannot listen. */
export async function serveSamples(options: ServeSamplesOptions): Promise<SamplesServer> {
  const { host = '127.0.0.1', port = 8080, drainSeconds = 8 } = options;
  const samples = createSamples(options);
  // The globals stay as they are: this process has other users of Request and Response.
  const listener = getRequestListener((request) => samples.fetch(request), { overrideGlobalObjects: false });
  const server = createServer(listener);
  await listen(server, host, port);
  return {
    url: urlOf(server.address() as AddressInfo),
    close() {
      samples.close();
      return drain(server, drainSeconds);
    },
  };
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

// A kept-alive connection is closed by `Server.close` only if it is idle just then, so those that become idle later are
// closed as their answers end.
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
