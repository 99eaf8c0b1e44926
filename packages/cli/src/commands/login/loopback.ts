// Where a browser comes back to after a sign-in (RFC 8252 §7.3): a port of its own on a loopback address, for
// one answer.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CliError, exitStatus } from '../../exit-status.ts';

export interface Loopback {
  redirectUri: string;
  /** The first URL that the browser is sent to. Rejects with `CliError` after the time. */
  answer(seconds: number): Promise<URL>;
  close(): void;
}

const PATH = '/callback';
const HEADERS = {
  'content-type': 'text/plain; charset=utf-8',
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  connection: 'close',
};

export async function openLoopback(): Promise<Loopback> {
  const server = createServer();
  const { promise, resolve, reject } = Promise.withResolvers<URL>();
  promise.catch(() => {}); // it may be over before anyone waits
  server.on('request', (request, response) => {
    const url = URL.parse(request.url ?? '', 'http://127.0.0.1');
    if (request.method !== 'GET' || url?.pathname !== PATH)
      return response.writeHead(404, HEADERS).end('Not found.\n');
    response.writeHead(200, HEADERS).end('You can close this window, and go back to the terminal.\n');
    resolve(url);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    redirectUri: `http://127.0.0.1:${(server.address() as AddressInfo).port}${PATH}`,
    answer(seconds) {
      const late = new CliError(exitStatus.timeout, `no one signed in within ${seconds} s: start again`);
      const timer = setTimeout(() => reject(late), seconds * 1000);
      return promise.finally(() => clearTimeout(timer));
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
