// The page on this machine to which the server sends the browser back (RFC 8252 §7.3): on a loopback address,
// at its own port, for one answer. It shows no code and no secret.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Where the server sends the browser back to. */
export interface LoopbackOptions {
  /** Default: 127.0.0.1. `localhost` could lead elsewhere (RFC 8252 §8.3). */
  host?: '127.0.0.1' | '[::1]';
  /** Default: any free port. */
  port?: number;
  /** Default: /callback. */
  path?: string;
}

export interface Loopback {
  redirectUri: string;
  /** The first answer that `accept` takes. `accept` returns false for an answer to another sign-in. */
  answer(accept: (answer: URL) => boolean, signal: AbortSignal): Promise<URL>;
  close(): void;
}

const DONE = 'You are signed in. You can close this window.\n';
const FAILED = 'The sign-in failed. The program that opened this page says why.\n';
const FIELDS = {
  'content-type': 'text/plain; charset=utf-8',
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  connection: 'close',
};

export async function openLoopback({
  host = '127.0.0.1',
  port = 0,
  path = '/callback',
}: LoopbackOptions): Promise<Loopback> {
  const server = createServer().listen(port, host.replaceAll(/[[\]]/g, ''));
  await once(server, 'listening');
  const redirectUri = `http://${host}:${(server.address() as AddressInfo).port}${path}`;
  return {
    redirectUri,
    answer(accept, signal) {
      const { promise, resolve, reject } = Promise.withResolvers<URL>();
      const end = () => reject(signal.reason);
      if (signal.aborted) end();
      signal.addEventListener('abort', end, { once: true });
      server.on('request', (request: IncomingMessage, response: ServerResponse) => {
        const url = URL.parse(request.url ?? '', redirectUri);
        if (request.method !== 'GET' || url?.pathname !== path) return response.writeHead(404, FIELDS).end();
        if (!accept(url)) return response.writeHead(400, FIELDS).end(FAILED);
        response.writeHead(200, FIELDS).end(url.searchParams.has('error') ? FAILED : DONE);
        return resolve(url);
      });
      return promise.finally(() => signal.removeEventListener('abort', end));
    },
    close() {
      server.close();
      server.closeAllConnections(); // browsers open connections that they do not use
    },
  };
}
